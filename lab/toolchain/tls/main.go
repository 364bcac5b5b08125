// The tls plugin for machines that cannot download Pulumi's: the Terraform provider that the official
// plugin wraps, behind the same bridge, under the same tokens (tls:index/privateKey:PrivateKey, ...).
package main

import (
	"context"
	"fmt"
	"io"
	"os"

	"github.com/hashicorp/terraform-provider-tls/internal/provider"
	"github.com/pulumi/pulumi-terraform-bridge/v3/pkg/pf/tfbridge"
	"github.com/pulumi/pulumi-terraform-bridge/v3/pkg/pf/tfgen"
	bridge "github.com/pulumi/pulumi-terraform-bridge/v3/pkg/tfbridge"
	"github.com/pulumi/pulumi-terraform-bridge/v3/pkg/tfbridge/tokens"
	"github.com/pulumi/pulumi/sdk/v3/go/common/diag"
	"github.com/pulumi/pulumi/sdk/v3/go/common/diag/colors"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/plugin"
)

// version is set by the linker to the version of the npm package @pulumi/tls: the engine looks for a
// plugin of exactly that version.
var version = "0.0.0-dev"

func info() bridge.ProviderInfo {
	p := bridge.ProviderInfo{
		P:            tfbridge.ShimProvider(provider.New()),
		Name:         "tls",
		Version:      version,
		GitHubOrg:    "hashicorp",
		License:      "MPL-2.0",
		MetadataInfo: bridge.NewProviderMetadata([]byte("{}")),
		// As the official plugin has it: without it every read of an old state is taken for an upgrade.
		EnableZeroDefaultSchemaVersion: true,
	}
	p.MustComputeTokens(tokens.SingleModule("tls_", "index", tokens.MakeStandard("tls")))
	return p
}

// The schema is wanted by other languages only; making it at every start would cost each `pulumi up`.
func schema(ctx context.Context, _ plugin.GetSchemaRequest) ([]byte, error) {
	made, err := tfgen.GenerateSchema(ctx, tfgen.GenerateSchemaOptions{
		ProviderInfo:    info(),
		DiagnosticsSink: diag.DefaultSink(io.Discard, os.Stderr, diag.FormatOptions{Color: colors.Never}),
	})
	if err != nil {
		return nil, fmt.Errorf("making the schema of the tls package: %w", err)
	}
	return made.ProviderMetadata.PackageSchema, nil
}

func main() {
	tfbridge.Main(context.Background(), "tls", info(), tfbridge.ProviderMetadata{XGetSchema: schema})
}
