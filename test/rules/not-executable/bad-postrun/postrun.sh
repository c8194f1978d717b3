#!/bin/bash -e

sha256sum "${DEPLOY_DIR}"/*.img > "${DEPLOY_DIR}/SHA256SUMS"
