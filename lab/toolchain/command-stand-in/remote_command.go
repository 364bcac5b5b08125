package main

import (
	"context"
	"fmt"
	"strings"

	p "github.com/pulumi/pulumi-go-provider"
	"github.com/pulumi/pulumi-go-provider/infer"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
)

type RemoteCommand struct{}

type RemoteLogging string

func (RemoteLogging) Values() []infer.EnumValue[RemoteLogging] {
	return []infer.EnumValue[RemoteLogging]{
		{Name: "stdout", Value: "stdout"},
		{Name: "stderr", Value: "stderr"},
		{Name: "stdoutAndStderr", Value: "stdoutAndStderr"},
		{Name: "none", Value: "none"},
	}
}

func (l *RemoteLogging) Annotate(a infer.Annotator) { a.SetToken("remote", "Logging") }

type RemoteCommandInputs struct {
	CommandInputs
	Connection *Connection    `pulumi:"connection" provider:"secret"`
	Logging    *RemoteLogging `pulumi:"logging,optional"`
}

type RemoteCommandOutputs struct {
	RemoteCommandInputs
	CommandOutputs
}

func (r *RemoteCommand) Annotate(a infer.Annotator) {
	a.SetToken("remote", "Command")
	a.Describe(&r, "A command run on another machine over SSH.")
}

func (c *RemoteCommandInputs) Annotate(a infer.Annotator) { c.CommandInputs.annotate(a) }

func (*RemoteCommand) Create(
	ctx context.Context, req infer.CreateRequest[RemoteCommandInputs],
) (infer.CreateResponse[RemoteCommandOutputs], error) {
	state := RemoteCommandOutputs{RemoteCommandInputs: req.Inputs}
	id, err := resource.NewUniqueHex(req.Name, 8, 0)
	if err == nil && !req.DryRun {
		err = state.run(ctx, req.Inputs.Create)
	}
	return infer.CreateResponse[RemoteCommandOutputs]{ID: id, Output: state}, err
}

func (*RemoteCommand) Update(
	ctx context.Context, req infer.UpdateRequest[RemoteCommandInputs, RemoteCommandOutputs],
) (infer.UpdateResponse[RemoteCommandOutputs], error) {
	state := RemoteCommandOutputs{RemoteCommandInputs: req.Inputs, CommandOutputs: req.State.CommandOutputs}
	var err error
	if !req.DryRun {
		err = state.run(ctx, req.Inputs.onUpdate())
	}
	return infer.UpdateResponse[RemoteCommandOutputs]{Output: state}, err
}

func (*RemoteCommand) Delete(
	ctx context.Context, req infer.DeleteRequest[RemoteCommandOutputs],
) (infer.DeleteResponse, error) {
	return infer.DeleteResponse{}, req.State.run(ctx, req.State.Delete)
}

func (c *RemoteCommandOutputs) run(ctx context.Context, command *string) error {
	if command == nil {
		return nil
	}
	client, err := c.Connection.dial(ctx)
	if err != nil {
		return err
	}
	defer client.Close()
	session, err := client.NewSession()
	if err != nil {
		return err
	}
	defer session.Close()

	for name, value := range c.Environment {
		if err := session.Setenv(name, value); err != nil {
			return fmt.Errorf("the SSH server of %s did not take the variable %q (its AcceptEnv decides); "+
				"write it before the command instead, %s=value: %w", c.Connection.Host, name, name, err)
		}
	}
	for name, value := range c.previousEnvironment(c.CommandOutputs) {
		if err := session.Setenv(name, value); err != nil {
			p.GetLogger(ctx).Warningf("the SSH server did not take the variable %q (its AcceptEnv decides)", name)
		}
	}
	if c.Stdin != nil && *c.Stdin != "" {
		session.Stdin = strings.NewReader(*c.Stdin)
	}
	logging := ""
	if c.Logging != nil {
		logging = string(*c.Logging)
	}
	captured := newCapture(ctx, logging)
	session.Stdout, session.Stderr = captured.writers()
	c.CommandOutputs, err = captured.result(*command, session.Run(*command))
	return err
}
