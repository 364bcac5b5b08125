// Which tests are run against mutants of which files. Tests of the real postconf and the slow properties are left out:
// a mutant that lives here may well die of them.
const unit = (...names) => names.map((name) => `test/unit/${name}.test.ts`);

export const groups = {
    editor: {
        mutate: ["fragment", "main-cf", "master-cf", "logical-lines"].map((name) => `postfix/${name}.ts`),
        tests: unit("fragment", "main-cf", "master-cf", "logical-lines", "fragment-properties"),
    },
    knowledge: {
        mutate: ["postfix/*.ts", "!postfix/{fragment,main-cf,master-cf,logical-lines}.ts"],
        tests: ["test/unit/!(postconf-oracle|fragment-properties|docs|bad-input-page).test.ts"],
    },
    roles: {
        mutate: ["postfix/roles/*.ts"],
        tests: unit("roles", "hub-tls", "laptop-mail", "routes", "sasl", "sender-limits", "session-caches"),
    },
    validation: {
        mutate: ["postfix/validate/*.ts"],
        tests: [
            ...unit(
                "validate-*",
                "hub-tls",
                "laptop-mail",
                "routes",
                "sasl",
                "sender-limits",
                "services",
                "tables",
            ),
            "test/provider/host/{check,bad-input,connection,authorities}.test.ts",
        ],
    },
    host: {
        mutate: ["provider/host/*.ts"],
        tests: ["test/provider/host/!(plan-oracle|plan-properties).test.ts"],
    },
};
