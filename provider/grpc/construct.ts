import type { ComponentResourceOptions } from "@pulumi/pulumi";
import type { Alias } from "@pulumi/pulumi/proto/alias_pb";
import type { ConstructRequest, ConstructResponse as Response } from "@pulumi/pulumi/proto/provider_pb";
import type { JavaScriptValue } from "google-protobuf/google/protobuf/struct_pb";
import type { ComponentLogic } from "../component";
import type { Mask } from "../mask";
import { describeStray } from "./errors";
import { maskOfRequest } from "./mask";
import { loadProgram, messages, type ProgramSdk, Struct } from "./sdk";

/** The components that are being made right now, for programs in other languages (decision 001). */
export class Constructions {
    /** How each is refused, and what hides its secrets. */
    readonly #running = new Map<(error: Error) => void, Mask>();
    /** One bad value that comes late is refused once for each resource that it feeds, the last after the answer. */
    readonly #told = new WeakSet<object>();

    /**
     * An error that no call waits for comes from one of them, and nobody knows which: all are refused, and what is said of
     * it hides the secrets of all. Of an error that is none of bad input only where it came from. False: it is none of ours.
     */
    fail(error: unknown): boolean {
        const isTold = isObject(error) && this.#told.has(error);
        if (isTold || this.#running.size === 0) return isTold;
        if (isObject(error)) this.#told.add(error);
        const said = isBadInput(error) ? error.message : describeStray(error).text;
        const text = [...this.#running.values()].reduce((masked, mask) => mask(masked), said);
        for (const reject of this.#running.keys()) reject(new Error(text));
        return true;
    }

    async construct(request: ConstructRequest, make: ComponentLogic, engine: string): Promise<Response> {
        const sdk = loadProgram();
        let reject: (error: Error) => void = () => {};
        const failed = new Promise<never>((_, no) => {
            reject = no;
        });
        this.#running.set(reject, maskOfRequest(request));
        try {
            return await Promise.race([failed, sdk.withLocalStorage(() => made(sdk, request, make, engine))]);
        } catch (error) {
            if (isObject(error)) this.#told.add(error);
            throw error;
        } finally {
            this.#running.delete(reject);
        }
    }
}

const isObject = (value: unknown): value is object => typeof value === "object" && value !== null;

/** As `InputError` of the components marks itself: its message holds no secret. */
const isBadInput = (error: unknown): error is Error =>
    error instanceof Error &&
    (error as { __pulumiInputPropertiesError?: boolean }).__pulumiInputPropertiesError === true;

async function made(
    sdk: ProgramSdk,
    request: ConstructRequest,
    make: ComponentLogic,
    engine: string,
): Promise<Response> {
    sdk.resetOptions(
        request.getProject(),
        request.getStack(),
        request.getParallel(),
        engine,
        request.getMonitorendpoint(),
        request.getDryrun(),
        request.getOrganization(),
    );
    await sdk.awaitFeatureSupport();
    sdk.setAllConfig(Object.fromEntries(request.getConfigMap().entries()), request.getConfigsecretkeysList());
    const inputs = await sdk.deserializeInputs(
        request.getInputs() ?? new Struct(),
        request.getInputdependenciesMap(),
    );
    const component = make(request.getName(), inputs, optionsOf(sdk, request));
    const response = new messages.ConstructResponse();
    response.setUrn(await urnOf(sdk, component));
    const label = `construct(${request.getType()}, ${request.getName()})`;
    const [state, dependencies] = await sdk.serializeResourceProperties(label, component.outputs);
    for (const [key, resources] of dependencies) {
        const urns = await Promise.all([...resources].map((resource) => urnOf(sdk, resource)));
        const of = new messages.ConstructResponse.PropertyDependencies().setUrnsList(urns);
        response.getStatedependenciesMap().set(key, of);
    }
    response.setState(Struct.fromJavaScript(state as Record<string, JavaScriptValue>));
    await sdk.waitForRPCs();
    return response;
}

const urnOf = ({ output }: ProgramSdk, { urn }: { urn: unknown }): Promise<string> =>
    (output(urn) as unknown as { promise(): Promise<string> }).promise();

function optionsOf(sdk: ProgramSdk, request: ConstructRequest): ComponentResourceOptions {
    const parent = request.getParent();
    const deletedWith = request.getDeletedwith();
    const trigger = request.getReplacementTrigger();
    return {
        aliases: request.getAliasesList().map((alias) => aliasOf(sdk, alias)),
        dependsOn: request.getDependenciesList().map((urn) => new sdk.DependencyResource(urn)),
        protect: request.getProtect(),
        providers: Object.fromEntries(
            [...request.getProvidersMap().entries()].map(([name, reference]) => [
                name,
                new sdk.DependencyProviderResource(reference),
            ]),
        ),
        parent: parent ? new sdk.DependencyResource(parent) : undefined,
        ignoreChanges: request.getIgnorechangesList(),
        replaceOnChanges: request.getReplaceonchangesList(),
        customTimeouts: request.getCustomtimeouts()?.toObject(),
        retainOnDelete: request.getRetainondelete(),
        hooks: sdk.hookBindingFromProto(request.getResourceHooks()),
        ...(deletedWith && { deletedWith: new sdk.DependencyResource(deletedWith) }),
        ...(trigger && { replacementTrigger: sdk.deserializeProperty(trigger.toJavaScript(), true) }),
    };
}

function aliasOf(sdk: ProgramSdk, alias: Alias): NonNullable<ComponentResourceOptions["aliases"]>[number] {
    const spec = alias.getSpec();
    if (!spec) return alias.getUrn();
    const given = Object.entries({
        name: spec.getName(),
        project: spec.getProject(),
        stack: spec.getStack(),
        parent: spec.getParenturn(),
    }).filter(([, value]) => value !== "");
    return {
        ...Object.fromEntries(given),
        ...(spec.getNoparent() && { parent: sdk.rootStackResource }),
    };
}
