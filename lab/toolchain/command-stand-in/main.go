// A STAND-IN for pulumi-resource-command 1.2.1, for machines that cannot download the original: its
// source is on no package registry. Written anew on the framework the original uses (pulumi-go-provider),
// so the tokens, the property names, the defaults and the strictness are the same: an unknown field of
// `connection` is refused. Not in it: local.run, remote.CopyFile (deprecated), assetPaths, archivePaths.
package main

import (
	"context"
	"fmt"
	"os"

	"github.com/pulumi/pulumi-go-provider/infer"
)

// version is set by the linker: the engine looks for a plugin of exactly the npm package's version.
var version = "0.0.0-dev"

func main() {
	provider, err := infer.NewProviderBuilder().
		WithDisplayName("Command (stand-in of pulumi-postfix's lab)").
		WithDescription("Runs commands, here or over SSH, as resources.").
		WithResources(
			infer.Resource(&LocalCommand{}),
			infer.Resource(&RemoteCommand{}),
			infer.Resource(&CopyToRemote{}),
		).
		Build()
	if err == nil {
		err = provider.Run(context.Background(), "command", version)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
