package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"strings"
	"sync"

	p "github.com/pulumi/pulumi-go-provider"
	"github.com/pulumi/pulumi-go-provider/infer"
)

// CommandInputs are the inputs that local.Command and remote.Command share.
type CommandInputs struct {
	Create                 *string           `pulumi:"create,optional"`
	Update                 *string           `pulumi:"update,optional"`
	Delete                 *string           `pulumi:"delete,optional"`
	Triggers               *[]any            `pulumi:"triggers,optional" provider:"replaceOnChanges"`
	Stdin                  *string           `pulumi:"stdin,optional"`
	Environment            map[string]string `pulumi:"environment,optional"`
	AddPreviousOutputInEnv *bool             `pulumi:"addPreviousOutputInEnv,optional"`
}

func (c *CommandInputs) annotate(a infer.Annotator) {
	a.SetDefault(&c.AddPreviousOutputInEnv, true)
}

// onUpdate is the command to run when an input changed: none is a valid answer.
func (c *CommandInputs) onUpdate() *string {
	if c.Update != nil {
		return c.Update
	}
	return c.Create
}

type CommandOutputs struct {
	Stdout string `pulumi:"stdout"`
	Stderr string `pulumi:"stderr"`
}

// previousEnvironment is what the command before left for the next one.
func (c *CommandInputs) previousEnvironment(previous CommandOutputs) map[string]string {
	env := map[string]string{}
	if c.AddPreviousOutputInEnv != nil && !*c.AddPreviousOutputInEnv {
		return env
	}
	if previous.Stdout != "" {
		env["PULUMI_COMMAND_STDOUT"] = previous.Stdout
	}
	if previous.Stderr != "" {
		env["PULUMI_COMMAND_STDERR"] = previous.Stderr
	}
	return env
}

// capture collects a command's output and shows on the resource's row what `logging` asks for.
type capture struct {
	stdout, stderr, both bytes.Buffer
	outLines, errLines   *lines
}

func newCapture(ctx context.Context, logging string) *capture {
	show := p.GetLogger(ctx).Info
	hide := func(string) {}
	c := &capture{outLines: &lines{emit: hide}, errLines: &lines{emit: hide}}
	if logging == "" || logging == "stdoutAndStderr" || logging == "stdout" {
		c.outLines.emit = show
	}
	if logging == "" || logging == "stdoutAndStderr" || logging == "stderr" {
		c.errLines.emit = show
	}
	return c
}

// writers are used by two goroutines at once; what they share is behind a lock.
func (c *capture) writers() (stdout, stderr io.Writer) {
	both := &locked{to: &c.both}
	return io.MultiWriter(&c.stdout, both, c.outLines), io.MultiWriter(&c.stderr, both, c.errLines)
}

type locked struct {
	lock sync.Mutex
	to   io.Writer
}

func (l *locked) Write(data []byte) (int, error) {
	l.lock.Lock()
	defer l.lock.Unlock()
	return l.to.Write(data)
}

func (c *capture) result(command string, err error) (CommandOutputs, error) {
	c.outLines.flush()
	c.errLines.flush()
	out := CommandOutputs{
		Stdout: strings.TrimSuffix(c.stdout.String(), "\n"),
		Stderr: strings.TrimSuffix(c.stderr.String(), "\n"),
	}
	if err != nil {
		return out, fmt.Errorf("%w: running %q:\n%s", err, command, c.both.String())
	}
	return out, nil
}

// lines hands on whole lines.
type lines struct {
	emit func(string)
	rest []byte
}

func (l *lines) Write(data []byte) (int, error) {
	l.rest = append(l.rest, data...)
	for {
		end := bytes.IndexByte(l.rest, '\n')
		if end < 0 {
			return len(data), nil
		}
		l.emit(string(l.rest[:end]))
		l.rest = l.rest[end+1:]
	}
}

func (l *lines) flush() {
	if len(l.rest) > 0 {
		l.emit(string(l.rest))
		l.rest = nil
	}
}
