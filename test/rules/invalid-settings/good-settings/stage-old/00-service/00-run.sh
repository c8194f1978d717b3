#!/bin/bash
on_chroot apt-get clean
