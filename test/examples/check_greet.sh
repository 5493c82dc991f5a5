#!/bin/sh
# greet: what it prints, in which order, and what it reports.
#
#   check_greet.sh GREET SOURCE
set -u

greet=$1
source=$2
folder=$(mktemp -d) || exit 1
trap 'rm -r "$folder"' EXIT
failures=0

fail() {
    failures=$((failures + 1))
    echo "greet: $1"
}

"$greet" > "$folder/out" 2> "$folder/err"
status=$?
[ $status -eq 0 ] || fail "exit status $status, expected 0"

# An address differs from run to run.
sed 's/ at 0x[0-9a-f][0-9a-f]*>$/ at ADDRESS>/' "$folder/out" > "$folder/got"
cat > "$folder/expected" <<'END'
<coroutine object greet at ADDRESS>
Hello, Bob!
Goodbye, Bob!
Bob greeted
END
diff "$folder/expected" "$folder/got" || fail 'wrong output'

line=$(grep -n 'ASYNC_OBJECT(greet, alice' "$source" | cut -d: -f1)
[ -n "$line" ] || fail 'no object alice in the source'
cat > "$folder/expected" << END
warning: coroutine 'greet' was never awaited (greet.c:$line)
  hint: await, spawn or run it, or take it out
END
diff "$folder/expected" "$folder/err" || fail 'wrong report'

exit $((failures > 0))
