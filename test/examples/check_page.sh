#!/bin/sh
# A program prints what a page says that it prints: the first text block behind
# the line "<!-- printed by NAME -->".
#
#   check_page.sh PAGE NAME PROGRAM [ARGUMENT...]
set -u

page=$1
name=$2
shift 2
folder=$(mktemp -d) || exit 1
trap 'rm -r "$folder"' EXIT

awk -v mark="<!-- printed by $name -->" '
    $0 == mark { found = 1; next }
    found && /^```text$/ { inside = 1; next }
    inside && /^```$/ { exit }
    inside { print }' "$page" > "$folder/expected"
[ -s "$folder/expected" ] || {
    echo "$page has nothing \"printed by $name\""
    exit 1
}
timeout 60 "$@" > "$folder/out" < /dev/null || {
    echo "exit status $?"
    exit 1
}
diff "$folder/expected" "$folder/out"
