#!/bin/bash
ldconfig
