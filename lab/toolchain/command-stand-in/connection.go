package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"strconv"
	"time"

	p "github.com/pulumi/pulumi-go-provider"
	"github.com/pulumi/pulumi-go-provider/infer"
	"golang.org/x/crypto/ssh"
	"golang.org/x/crypto/ssh/agent"
)

// Endpoint is what a connection and its jump host have in common.
type Endpoint struct {
	Host               string   `pulumi:"host"`
	Port               *float64 `pulumi:"port,optional"`
	User               *string  `pulumi:"user,optional"`
	Password           *string  `pulumi:"password,optional"`
	PrivateKey         *string  `pulumi:"privateKey,optional"`
	PrivateKeyPassword *string  `pulumi:"privateKeyPassword,optional"`
	AgentSocketPath    *string  `pulumi:"agentSocketPath,optional"`
	DialErrorLimit     *int     `pulumi:"dialErrorLimit,optional"`
	PerDialTimeout     *int     `pulumi:"perDialTimeout,optional"`
	HostKey            *string  `pulumi:"hostKey,optional"`
}

type Connection struct {
	Endpoint
	Proxy *ProxyConnection `pulumi:"proxy,optional"`
}

type ProxyConnection struct {
	Endpoint
}

func (c *Connection) Annotate(a infer.Annotator) {
	a.SetToken("remote", "Connection")
	a.Describe(&c, "How to reach a machine over SSH.")
	c.Endpoint.annotate(a)
}

func (c *ProxyConnection) Annotate(a infer.Annotator) {
	a.SetToken("remote", "ProxyConnection")
	a.Describe(&c, "How to reach the jump host.")
	c.Endpoint.annotate(a)
}

func (e *Endpoint) annotate(a infer.Annotator) {
	a.SetDefault(&e.User, "root")
	a.SetDefault(&e.Port, 22)
	a.SetDefault(&e.DialErrorLimit, 10)
	a.SetDefault(&e.PerDialTimeout, 15)
}

func (e *Endpoint) address() string {
	port := 22
	if e.Port != nil {
		port = int(*e.Port)
	}
	return net.JoinHostPort(e.Host, strconv.Itoa(port))
}

func (e *Endpoint) timeout() time.Duration {
	if e.PerDialTimeout == nil {
		return 15 * time.Second
	}
	return time.Duration(*e.PerDialTimeout) * time.Second
}

// config gives the SSH settings and what to close after the dial (the agent's socket).
func (e *Endpoint) config() (*ssh.ClientConfig, func(), error) {
	config := &ssh.ClientConfig{User: "root", Timeout: e.timeout(), HostKeyCallback: ssh.InsecureIgnoreHostKey()}
	if e.User != nil {
		config.User = *e.User
	}
	done := func() {}
	if e.HostKey != nil {
		key, _, _, _, err := ssh.ParseAuthorizedKey([]byte(*e.HostKey))
		if err != nil {
			return nil, done, fmt.Errorf("hostKey of %s cannot be read: %w", e.Host, err)
		}
		config.HostKeyCallback = ssh.FixedHostKey(key)
		// A server offers its keys by its own preference; without this it may show another, true, key.
		config.HostKeyAlgorithms = algorithms(key.Type())
	}
	if e.PrivateKey != nil {
		signer, err := parseKey(*e.PrivateKey, e.PrivateKeyPassword)
		if err != nil {
			return nil, done, fmt.Errorf("privateKey for %s cannot be read: %w", e.Host, err)
		}
		config.Auth = append(config.Auth, ssh.PublicKeys(signer))
	}
	if e.Password != nil {
		answer := func(_, _ string, questions []string, _ []bool) ([]string, error) {
			answers := make([]string, len(questions))
			for i := range answers {
				answers[i] = *e.Password
			}
			return answers, nil
		}
		config.Auth = append(config.Auth, ssh.Password(*e.Password), ssh.KeyboardInteractive(answer))
	}
	socket := os.Getenv("SSH_AUTH_SOCK")
	if e.AgentSocketPath != nil {
		socket = *e.AgentSocketPath
	}
	if socket != "" {
		conn, err := net.Dial("unix", socket)
		if err != nil {
			return nil, done, fmt.Errorf("the SSH agent at %s: %w", socket, err)
		}
		done = func() { _ = conn.Close() }
		config.Auth = append(config.Auth, ssh.PublicKeysCallback(agent.NewClient(conn).Signers))
	}
	return config, done, nil
}

func parseKey(pem string, passphrase *string) (ssh.Signer, error) {
	if passphrase != nil {
		return ssh.ParsePrivateKeyWithPassphrase([]byte(pem), []byte(*passphrase))
	}
	return ssh.ParsePrivateKey([]byte(pem))
}

func algorithms(keyType string) []string {
	if keyType == ssh.KeyAlgoRSA {
		return []string{ssh.KeyAlgoRSASHA512, ssh.KeyAlgoRSASHA256, ssh.KeyAlgoRSA}
	}
	return []string{keyType}
}

// dial retries any failure, also a refused login, as the original does: dialErrorLimit bounds it, -1
// means for ever.
func (c *Connection) dial(ctx context.Context) (*ssh.Client, error) {
	limit := 10
	if c.DialErrorLimit != nil {
		limit = *c.DialErrorLimit
	}
	wait := 100 * time.Millisecond
	for try := 1; ; try++ {
		client, err := c.dialOnce()
		if err == nil {
			return client, nil
		}
		if limit >= 0 && try > limit {
			return nil, fmt.Errorf("after %d failed attempts: %w", try, err)
		}
		p.GetLogger(ctx).InfoStatusf("Dial %d to %s failed: %s", try, c.address(), err)
		select {
		case <-ctx.Done():
			return nil, errors.Join(ctx.Err(), err)
		case <-time.After(wait):
		}
		wait = min(wait*3/2, 5*time.Second)
	}
}

func (c *Connection) dialOnce() (*ssh.Client, error) {
	config, done, err := c.config()
	defer done()
	if err != nil {
		return nil, err
	}
	if c.Proxy == nil {
		return ssh.Dial("tcp", c.address(), config)
	}
	proxyConfig, proxyDone, err := c.Proxy.config()
	defer proxyDone()
	if err != nil {
		return nil, err
	}
	proxy, err := ssh.Dial("tcp", c.Proxy.address(), proxyConfig)
	if err != nil {
		return nil, fmt.Errorf("proxy %s: %w", c.Proxy.address(), err)
	}
	through, err := proxy.Dial("tcp", c.address())
	if err != nil {
		_ = proxy.Close()
		return nil, fmt.Errorf("proxy %s to %s: %w", c.Proxy.address(), c.address(), err)
	}
	conn, channels, requests, err := ssh.NewClientConn(through, c.address(), config)
	if err != nil {
		_ = proxy.Close()
		return nil, err
	}
	client := ssh.NewClient(conn, channels, requests)
	go func() {
		_ = client.Wait()
		_ = proxy.Close()
	}()
	return client, nil
}
