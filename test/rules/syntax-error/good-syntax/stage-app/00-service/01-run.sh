#!/bin/bash -e

shopt -s extglob

# It's a comment with a quote, and a ` and a $( too.
units=(app.service # the service
  "app's.timer")
pattern='^(a|b) ; done$'
[[ "$APP_NAME" =~ $pattern || $APP_NAME =~ ^(a;b|c\ d)$ || $APP_NAME == *" "* ]] || echo "${units[@]}"
case "$APP_NAME" in
  if) echo "a word" ;;
  (esac | fi) echo 'esac' ;&
  @(a|b)) : ;;
  *) rm -f !(a|b) ;;
esac
(( ${#units[@]} << 1 )) && echo $(( (1 + 2) * 3 ))
((echo a) | cat)
for ((i = 0; i < 2; i++)) { echo "$i"; }
for unit in "${units[@]}"; do if true; then (echo "$unit") fi done
name() if [ -n "$1" ]; then echo "${1#'}'}" "${1:-"it's"}"; fi
name `echo "\`date\`"` $'it\'s' "$(echo ")" '(' # it's a ) here
)"
diff <(echo "(") >(cat) 2>&1 > /dev/null || :
! :
time

on_chroot << EOF
${APP_COMMANDS}
for user in ${FIRST_USER_NAME} root; do
	$(cat "${STAGE_DIR}/loop-body")
done
$(cat "${STAGE_DIR}/fi-or-not")
fi
EOF

cat << 'EOF' > "${ROOTFS_DIR}/etc/app.ini"
it's [not] a (script
if then fi done
EOF
