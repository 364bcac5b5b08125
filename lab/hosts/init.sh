#!/bin/sh
# PID 1 of one host: boots it, starts its services and reaps orphans.
#
#   init.sh STATE DISKS OPERATOR_PID NAME
. "$(dirname "$0")/boot.sh"
exec 3>"$me/ready"
enter

/usr/sbin/rsyslogd 3>&-
/usr/sbin/sshd 3>&-
# As with a real machine, a configuration that Postfix refuses does not keep the host from booting.
if [ ! -x /usr/sbin/postfix ] || postfix start 3>&-; then echo ok >&3; else echo "Postfix did not start" >&3; fi
exec 3>&-
sleep infinity &
wait
