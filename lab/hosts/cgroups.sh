# shellcheck shell=sh disable=SC2154 # variables of the script that reads this file
# The control groups of hosts with systemd. They outlive their processes and namespaces, so a lab takes its own away.
# All of it in a mount namespace of the lab's: wherever the machine has them mounted, if at all, stays as it is.

mount_cgroups() { mount -t cgroup2 cgroup2 /sys/fs/cgroup; }

lab_group() { printf '/sys/fs/cgroup/%s' "$(printf %s "${state#/}" | tr / -)"; }

forget_groups() { [ ! -d "$1" ] || find "$1" -depth -type d -exec rmdir {} +; } # GROUP, without processes
