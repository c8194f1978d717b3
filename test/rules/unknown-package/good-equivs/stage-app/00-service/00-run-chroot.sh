apt-get install -y equivs
equivs-control app-without-mail
sed -i 's/^Package:.*/Package: app-without-mail/' app-without-mail
equivs-build app-without-mail
dpkg -i app-without-mail_1.0_all.deb
