systemctl enable app

shopt -s expand_aliases
alias unless='if !'
unless systemctl is-enabled app; then echo off; fi
