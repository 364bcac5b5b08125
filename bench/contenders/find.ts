import { join } from "node:path";
import { repo } from "../../test/e2e/lab";
import type { ContenderName } from "../works";
import { Ansible } from "./ansible";
import type { Contender } from "./contender";
import { Module } from "./module";
import { Shell } from "./shell";
import { Ssh, Ssh2 } from "./ssh";

const makers: Record<ContenderName, () => Contender> = {
    module: () => new Module(repo, true),
    floor: () => new Module(join(repo, "bench", "empty-provider"), false),
    shell: () => new Shell(),
    "ansible-tuned": () => new Ansible("tuned"),
    "ansible-default": () => new Ansible("default"),
    ssh: () => new Ssh(),
    ssh2: () => new Ssh2(),
};

export const makeContender = (name: ContenderName): Contender => makers[name]();
