package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"strings"

	p "github.com/pulumi/pulumi-go-provider"
	"github.com/pulumi/pulumi-go-provider/infer"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
)

type LocalCommand struct{}

type LocalLogging string

func (LocalLogging) Values() []infer.EnumValue[LocalLogging] {
	return []infer.EnumValue[LocalLogging]{
		{Name: "stdout", Value: "stdout"},
		{Name: "stderr", Value: "stderr"},
		{Name: "stdoutAndStderr", Value: "stdoutAndStderr"},
		{Name: "none", Value: "none"},
	}
}

func (l *LocalLogging) Annotate(a infer.Annotator) { a.SetToken("local", "Logging") }

type LocalCommandInputs struct {
	CommandInputs
	Interpreter  *[]string     `pulumi:"interpreter,optional"`
	Dir          *string       `pulumi:"dir,optional"`
	Logging      *LocalLogging `pulumi:"logging,optional"`
	AssetPaths   *[]string     `pulumi:"assetPaths,optional"`
	ArchivePaths *[]string     `pulumi:"archivePaths,optional"`
}

type LocalCommandOutputs struct {
	LocalCommandInputs
	CommandOutputs
}

func (l *LocalCommand) Annotate(a infer.Annotator) {
	a.SetToken("local", "Command")
	a.Describe(&l, "A command run on this machine.")
}

func (c *LocalCommandInputs) Annotate(a infer.Annotator) { c.CommandInputs.annotate(a) }

func (*LocalCommand) Check(
	ctx context.Context, req infer.CheckRequest,
) (infer.CheckResponse[LocalCommandInputs], error) {
	inputs, failures, err := infer.DefaultCheck[LocalCommandInputs](ctx, req.NewInputs)
	for name, paths := range map[string]*[]string{
		"assetPaths": inputs.AssetPaths, "archivePaths": inputs.ArchivePaths,
	} {
		if paths != nil {
			failures = append(failures, p.CheckFailure{
				Property: name, Reason: "the lab's stand-in for the command plugin has no " + name,
			})
		}
	}
	return infer.CheckResponse[LocalCommandInputs]{Inputs: inputs, Failures: failures}, err
}

func (*LocalCommand) Create(
	ctx context.Context, req infer.CreateRequest[LocalCommandInputs],
) (infer.CreateResponse[LocalCommandOutputs], error) {
	state := LocalCommandOutputs{LocalCommandInputs: req.Inputs}
	id, err := resource.NewUniqueHex(req.Name, 8, 0)
	if err == nil && !req.DryRun {
		err = state.run(ctx, req.Inputs.Create)
	}
	return infer.CreateResponse[LocalCommandOutputs]{ID: id, Output: state}, err
}

func (*LocalCommand) Update(
	ctx context.Context, req infer.UpdateRequest[LocalCommandInputs, LocalCommandOutputs],
) (infer.UpdateResponse[LocalCommandOutputs], error) {
	state := LocalCommandOutputs{LocalCommandInputs: req.Inputs, CommandOutputs: req.State.CommandOutputs}
	var err error
	if !req.DryRun {
		err = state.run(ctx, req.Inputs.onUpdate())
	}
	return infer.UpdateResponse[LocalCommandOutputs]{Output: state}, err
}

func (*LocalCommand) Delete(
	ctx context.Context, req infer.DeleteRequest[LocalCommandOutputs],
) (infer.DeleteResponse, error) {
	return infer.DeleteResponse{}, req.State.run(ctx, req.State.Delete)
}

func (c *LocalCommandOutputs) run(ctx context.Context, command *string) error {
	if command == nil {
		return nil
	}
	argv := []string{"/bin/sh", "-c"}
	if c.Interpreter != nil && len(*c.Interpreter) > 0 {
		argv = append([]string{}, *c.Interpreter...)
	}
	argv = append(argv, *command)
	process := exec.CommandContext(ctx, argv[0], argv[1:]...)
	process.Env = os.Environ()
	for name, value := range c.Environment {
		process.Env = append(process.Env, fmt.Sprintf("%s=%s", name, value))
	}
	for name, value := range c.previousEnvironment(c.CommandOutputs) {
		process.Env = append(process.Env, fmt.Sprintf("%s=%s", name, value))
	}
	if c.Dir != nil {
		process.Dir = *c.Dir
	}
	if c.Stdin != nil && *c.Stdin != "" {
		process.Stdin = strings.NewReader(*c.Stdin)
	}
	logging := ""
	if c.Logging != nil {
		logging = string(*c.Logging)
	}
	captured := newCapture(ctx, logging)
	process.Stdout, process.Stderr = captured.writers()
	var err error
	c.CommandOutputs, err = captured.result(*command, process.Run())
	return err
}
