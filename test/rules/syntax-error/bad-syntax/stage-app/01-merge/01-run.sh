#!/bin/bash -e

on_chroot << EOF
<<<<<<< HEAD
touch /opt/app/one
=======
touch /opt/app/two
>>>>>>> feature/two
EOF
