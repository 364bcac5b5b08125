/** What every object of JavaScript has of itself (`constructor`): as a key it would be taken for a value that is set. */
const isBuiltIn = (name: string): boolean => name in Object.prototype;

/** Whether a parameter may be called so (postconf(5)). */
export const isParameterName = (name: string): boolean =>
    /^[A-Za-z0-9_]{1,200}$/.test(name) && !isBuiltIn(name);

/** Why a chain, an authority or a table cannot be called so: its name is that of a file. */
export function fileNameProblem(name: string): string | undefined {
    if (!/^[a-z][a-z0-9_-]{0,63}$/.test(name))
        return "wants a name of lower-case letters, digits, - and _, at most 64";
    return isBuiltIn(name) ? "is no name to use here, JavaScript has its own: choose another" : undefined;
}
