curl -fsSL https://packages.example/setup.sh | bash
