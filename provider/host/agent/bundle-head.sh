#!/bin/sh
# THIS FILE HOLDS A PRIVATE KEY: that of the laptop "@NAME@". Keep it as you keep the key: chmod 700, on that laptop
# alone, and remove it when it is done. Whoever reads it can send mail through the hub as this laptop.
#
# Made by pulumi-postfix. Run it as root on the laptop: sh FILE [--check | --undo | --help].
set -u
umask 077
unset MAIL_CONFIG ENV CDPATH
