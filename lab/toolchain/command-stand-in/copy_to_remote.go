package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"

	"github.com/pkg/sftp"
	p "github.com/pulumi/pulumi-go-provider"
	"github.com/pulumi/pulumi-go-provider/infer"
	"github.com/pulumi/pulumi-go-provider/infer/types"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
)

type CopyToRemote struct{}

type CopyToRemoteInputs struct {
	Connection *Connection          `pulumi:"connection" provider:"secret"`
	Triggers   *[]any               `pulumi:"triggers,optional" provider:"replaceOnChanges"`
	Source     types.AssetOrArchive `pulumi:"source"`
	RemotePath string               `pulumi:"remotePath"`
}

type CopyToRemoteOutputs struct{ CopyToRemoteInputs }

func (c *CopyToRemote) Annotate(a infer.Annotator) {
	a.SetToken("remote", "CopyToRemote")
	a.Describe(&c, "Copies a file or a directory to another machine over SFTP.")
}

func (*CopyToRemote) Check(
	ctx context.Context, req infer.CheckRequest,
) (infer.CheckResponse[CopyToRemoteInputs], error) {
	inputs, failures, err := infer.DefaultCheck[CopyToRemoteInputs](ctx, req.NewInputs)
	fail := func(reason string) {
		failures = append(failures, p.CheckFailure{Property: "source", Reason: reason})
	}
	asset, archive := inputs.Source.Asset, inputs.Source.Archive
	switch {
	case err != nil || len(failures) > 0:
	case asset == nil && archive == nil:
		fail("must be an asset or an archive")
	case asset != nil && !asset.IsPath() && !asset.IsText():
		fail("must be a FileAsset or a StringAsset")
	case archive != nil && !archive.IsPath():
		fail("must be a FileArchive")
	}
	return infer.CheckResponse[CopyToRemoteInputs]{Inputs: inputs, Failures: failures}, err
}

func (*CopyToRemote) Create(
	ctx context.Context, req infer.CreateRequest[CopyToRemoteInputs],
) (infer.CreateResponse[CopyToRemoteOutputs], error) {
	id, err := resource.NewUniqueHex("", 8, 0)
	if err == nil && !req.DryRun {
		err = req.Inputs.copy(ctx)
	}
	return infer.CreateResponse[CopyToRemoteOutputs]{ID: id, Output: CopyToRemoteOutputs{req.Inputs}}, err
}

func (*CopyToRemote) Update(
	ctx context.Context, req infer.UpdateRequest[CopyToRemoteInputs, CopyToRemoteOutputs],
) (infer.UpdateResponse[CopyToRemoteOutputs], error) {
	var err error
	// New credentials alone are no reason to copy again.
	same := req.Inputs.hash() == req.State.hash() && req.Inputs.RemotePath == req.State.RemotePath
	if !req.DryRun && !same {
		err = req.Inputs.copy(ctx)
	}
	return infer.UpdateResponse[CopyToRemoteOutputs]{Output: CopyToRemoteOutputs{req.Inputs}}, err
}

func (c *CopyToRemoteInputs) hash() string {
	if c.Source.Asset != nil {
		return c.Source.Asset.Hash
	}
	return c.Source.Archive.Hash
}

func (c *CopyToRemoteInputs) copy(ctx context.Context) error {
	client, err := c.Connection.dial(ctx)
	if err != nil {
		return err
	}
	defer client.Close()
	remote, err := sftp.NewClient(client)
	if err != nil {
		return fmt.Errorf("starting SFTP on %s: %w", c.Connection.Host, err)
	}
	defer remote.Close()

	isDir, exists, err := remoteKind(remote, c.RemotePath)
	if err != nil {
		return err
	}
	if c.Source.Asset != nil && c.Source.Asset.IsText() {
		if isDir {
			return fmt.Errorf("remotePath %s is a directory; a StringAsset needs a file's path", c.RemotePath)
		}
		return write(remote, strings.NewReader(c.Source.Asset.Text), c.RemotePath)
	}
	source := ""
	if c.Source.Asset != nil {
		source = c.Source.Asset.Path
	} else {
		source = c.Source.Archive.Path
	}
	info, err := os.Stat(source)
	if err != nil {
		return err
	}
	target := c.RemotePath
	if !info.IsDir() {
		if isDir {
			target = path.Join(target, filepath.Base(source))
		}
		return copyFile(remote, source, target)
	}
	if exists && !isDir {
		return fmt.Errorf("remotePath %s is a file, the source %s a directory", target, source)
	}
	// As with rsync, a trailing slash means the directory's content.
	if !strings.HasSuffix(source, "/") {
		target = path.Join(target, filepath.Base(source))
	}
	return filepath.WalkDir(source, func(name string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		relative, err := filepath.Rel(source, name)
		if err != nil {
			return err
		}
		to := path.Join(target, filepath.ToSlash(relative))
		if entry.IsDir() {
			return remote.MkdirAll(to)
		}
		return copyFile(remote, name, to)
	})
}

func remoteKind(remote *sftp.Client, name string) (isDir, exists bool, err error) {
	info, err := remote.Stat(name)
	if errors.Is(err, os.ErrNotExist) {
		return false, false, nil
	}
	if err != nil {
		return false, false, fmt.Errorf("looking at remote path %s: %w", name, err)
	}
	return info.IsDir(), true, nil
}

func copyFile(remote *sftp.Client, from, to string) error {
	file, err := os.Open(from)
	if err != nil {
		return err
	}
	defer file.Close()
	return write(remote, file, to)
}

func write(remote *sftp.Client, from io.Reader, to string) error {
	file, err := remote.Create(to)
	if err != nil {
		return fmt.Errorf("creating remote file %s: %w", to, err)
	}
	_, err = io.Copy(file, from)
	if err = errors.Join(err, file.Close()); err != nil {
		return fmt.Errorf("writing remote file %s: %w", to, err)
	}
	return nil
}
