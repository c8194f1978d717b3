# SYNTAX TEST "source.shell" "on_chroot's program is shell of its own, and what the host replaces in it is marked"
#!/bin/bash -e
on_chroot << EOF
# <--------- support.function.pi-gen
#         ^^ keyword.operator.heredoc.shell
#            ^^^ punctuation.definition.string.heredoc.delimiter.shell
apt-get install -y "$PACKAGES" ${MORE:-none} \$HOME
# <------- meta.embedded.block.chroot.expanded.pi-gen entity.name.function.call.shell
#                   ^^^^^^^^^ variable.other.host-expanded.pi-gen
#                  ^ string.quoted.double.shell
#                              ^^^^^^^^^^^^^ variable.other.host-expanded.pi-gen
#                                            ^ constant.character.escape.host.pi-gen
#                                             ^^^^^ variable.other.chroot.pi-gen
#                                             ^^^^^ - variable.other.host-expanded.pi-gen
echo $(date +%s) `id`
#    ^^^^^^^^^^^ string.interpolated.host-expanded.pi-gen
#                ^^^^ string.interpolated.host-expanded.pi-gen
echo "never closed
# <---- meta.embedded.block.chroot.pi-gen
EOF
# <--- keyword.control.heredoc-token.shell
# <--- - meta.embedded.block.chroot.pi-gen
echo after
# <---- - meta.embedded.block.chroot.pi-gen
# <---- - string.quoted.double.shell

on_chroot <<- 'END'
# <--------- support.function.pi-gen
#             ^ punctuation.definition.string.heredoc.quote.shell
#              ^^^ punctuation.definition.string.heredoc.delimiter.shell
	echo "$HOME" "${x}"
#^^^^^^^^^^^^^^^^^^^^^ meta.embedded.block.chroot.literal.pi-gen
#      ^^^^^ - variable.other.host-expanded.pi-gen
	END
#^^^ keyword.control.heredoc-token.shell
echo after
# <---- - meta.embedded.block.chroot.pi-gen

if true; then
	on_chroot << EOF || true
#^^^^^^^^^ support.function.pi-gen
	systemctl enable x
#^^^^^^^^^ meta.embedded.block.chroot.pi-gen entity.name.function.call.shell
	EOF
#^^^ meta.embedded.block.chroot.pi-gen
EOF
# <--- keyword.control.heredoc-token.shell
fi
# <-- keyword.control.fi.shell
cat << EOF
on_chroot << X
# <--------- - support.function.pi-gen
EOF
my_on_chroot << EOF
$x
# <-- - meta.embedded.block.chroot.pi-gen
EOF
on_chroot < script.sh
#           ^^^^^^^^^ - meta.embedded.block.chroot.pi-gen
echo done
# <---- - meta.embedded.block.chroot.pi-gen
