/** Debian packages that serve on a machine that builds: fetching, unpacking, compiling, making images. */
export const hostTools = new RegExp(
  `^(?:${[
    'aria2|arch-test|autoconf|automake|bc|binfmt-support|binutils.*|bison|bmap-tools|bsdtar|build-essential|bzip2',
    'ca-certificates|cmake|coreutils|cpio|crossbuild-.*|curl|debhelper|debootstrap|device-tree-compiler|devscripts',
    'dosfstools|dpkg-dev|e2fsprogs|equivs|fakeroot|fdisk|file|flex|g\\+\\+.*|gcc.*|gettext|git|git-lfs|gnupg2?|golang.*|gpg|jq',
    'kmod|kpartx|libarchive-tools|libcap2-bin|libtool|lsb-release|make|meson|mtools|ninja-build|p7zip.*|parted|patch|pigz',
    'pixz|pkg-config|pv|qemu.*|quilt|rsync|squashfs-tools|sudo|svn|subversion|unzip|util-linux|wget|xxd|xz-utils|yq|zerofree|zip|zstd',
  ].join('|')})$`,
);
