# shellcheck shell=sh disable=SC2154 # $new holds the files as they should be, $mode what to do
differs=
for file in "$new"/*; do
    cmp -s "$file" "/etc/postfix/${file##*/}" || differs=yes
done
if [ -z "$differs" ] || [ "$mode" = compare ]; then
    rm -rf "$new"
    if [ -n "$differs" ]; then echo differs; else echo same; fi
    exit
fi
cp -p /etc/postfix/master.cf "$new/"
# Postfix waits until a main.cf is two seconds old before it reads it.
touch -d '1 minute ago' "$new/main.cf"
postfix -c "$new" check </dev/null
rm "$new/master.cf"
mv -f "$new"/* /etc/postfix/
rmdir "$new"
postfix reload </dev/null
echo changed
