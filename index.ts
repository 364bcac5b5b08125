/** The stack program of this repository, from `stacks/Pulumi.<stack>.yaml`. The library is `components/`. */
import { stackProgram } from "./components/stack-program";

export = stackProgram;
