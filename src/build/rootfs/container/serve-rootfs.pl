# Answers questions about one root file system that a build has made. It runs in a container that shares the build's volumes
# and can change nothing, and ends with its input, so that it never outlives who asked. Perl, because Debian's base has it
# (package perl-base) and it can go into a chroot without starting a program there: the root file system is for another
# machine, and what a link in it leads to is for the kernel to say, which never leaves a chroot.
#
# usage: serve-rootfs.pl WORK_FOLDER [STAGE]
#   WORK_FOLDER  holds the work of all stages, or that of several images: /pi-gen/work
#
# Without STAGE: prints the names of the stages that have a root file system, each ended by a NUL, and a NUL at the end.
# With it, reads questions, one a line, paths as hexadecimal digits:
#   list PATH        what is in a folder
#   stat PATH        what is there
#   read PATH LIMIT  the bytes of a file that has no more than LIMIT
# and answers each with any number of `D LENGTH`, a newline and that many bytes, and then with a line: `E`, or `X WHY`.
# The first answer, `E`, is to no question: the root file system is there. What is there is told in records of three fields, each
# ended by a NUL: type, size, mode, time of change and type at the end of a link, separated by tabs; name; where a link leads.
# Types are those of find: f, d, l, c, b, p, s; `-` at the end of a link: nothing is there. Exit status 3: no such root file system.
use strict;
use warnings;
use Errno qw(EINTR ELOOP ENOENT ENOTDIR EISDIR);
use Fcntl qw(:DEFAULT :mode);

my ($work, $stage) = @ARGV;
my $chunk = 65_536;
# More than this nobody looks through, and memory is finite.
my $most_entries = 100_000;

chroot $work and chdir '/' or exit 3;
my @places = grep { is_folder($_) } '', map { "/$_" } names_in('/');

if (!defined $stage) {
	my %stages = map { $_ => 1 } map { my $place = $_; grep { is_folder("$place/$_") and is_folder("$place/$_/rootfs") } names_in("$place/") } @places;
	put(join('', map { "$_\0" } sort keys %stages) . "\0");
	exit 0;
}
exit 3 if $stage eq '' or $stage eq '.' or $stage eq '..' or $stage =~ m{/};
my ($root) = reverse grep { is_folder("$_/$stage") and is_folder("$_/$stage/rootfs") } @places;
defined $root and chroot "$root/$stage/rootfs" and chdir '/' or exit 3;

put("E\n");
my $input = '';
while (1) {
	while ($input =~ s/\A([^\n]*)\n//) {
		answer($1);
	}
	my $got = sysread STDIN, $input, $chunk, length $input;
	next if !defined $got and $! == EINTR;
	exit 0 unless $got;
}

sub answer {
	my ($verb, $digits, $limit) = split / /, $_[0];
	my $path = '/' . pack 'H*', $digits // '';
	return tell_folder($path) if $verb eq 'list';
	return tell_entry($path) if $verb eq 'stat';
	return tell_contents($path, $limit) if $verb eq 'read';
	put("X question\n");
}

sub tell_folder {
	my ($path) = @_;
	# A link to a folder is one; a trailing slash would hide that a file is none.
	opendir my $folder, $path or return refuse();
	my ($records, $count) = ('', 0);
	while (defined(my $name = readdir $folder)) {
		next if $name eq '.' or $name eq '..';
		return put("X too-many\n") if ++$count > $most_entries;
		$records .= record($path, $name) // next;
		if (length $records >= $chunk) {
			data($records);
			$records = '';
		}
	}
	data($records);
	put("E\n");
}

sub tell_entry {
	my ($path) = @_;
	my $record = record($path) // return refuse();
	data($record);
	put("E\n");
}

sub tell_contents {
	my ($path, $limit) = @_;
	# Looked at before it is opened: opening a device can do something.
	my @before = stat $path or return refuse();
	return put("X folder\n") if S_ISDIR($before[2]);
	return put("X special\n") if !S_ISREG($before[2]);
	return put("X too-big $before[7]\n") if $before[7] > $limit;
	sysopen my $file, $path, O_RDONLY | O_NONBLOCK | O_NOCTTY or return refuse();
	my @opened = stat $file;
	return put("X special\n") if !S_ISREG($opened[2]);
	my ($bytes, $sent) = ('', 0);
	while (1) {
		my $got = sysread $file, $bytes, $chunk;
		next if !defined $got and $! == EINTR;
		return refuse() unless defined $got;
		last if $got == 0;
		$sent += $got;
		# It grows while it is read: a running build writes it.
		return put("X too-big $sent\n") if $sent > $limit;
		data($bytes);
	}
	put("E\n");
}

sub record {
	my ($folder, $name) = @_;
	my $path = defined $name ? "$folder/$name" : $folder;
	my @found = lstat $path or return;
	my ($end, $target) = ('', '');
	if (S_ISLNK($found[2])) {
		$target = readlink($path) // '';
		my @reached = stat $path;
		$end = @reached ? type($reached[2]) : '-';
		# Who opens it gets what it leads to.
		@found[7, 9] = @reached[7, 9] if @reached and !defined $name;
	}
	return join("\t", type($found[2]), $found[7], $found[2] & 07777, $found[9], $end) . "\0" . ($name // '') . "\0$target\0";
}

sub type {
	my ($mode) = @_;
	return S_ISREG($mode) ? 'f' : S_ISDIR($mode) ? 'd' : S_ISLNK($mode) ? 'l' : S_ISCHR($mode) ? 'c' : S_ISBLK($mode) ? 'b' : S_ISFIFO($mode) ? 'p' : 's';
}

# No link: where the work of a stage is, is for this script to say, not for a stage.
sub is_folder {
	my @found = lstat("/$_[0]");
	return @found && S_ISDIR($found[2]);
}

sub names_in {
	opendir my $folder, $_[0] or return;
	return sort grep { $_ ne '.' and $_ ne '..' } readdir $folder;
}

sub refuse {
	my $why = $! == ENOENT ? 'missing' : $! == ENOTDIR ? 'no-folder' : $! == EISDIR ? 'folder' : $! == ELOOP ? 'loop' : "other $!";
	put("X $why\n");
}

sub data {
	my ($bytes) = @_;
	put('D ' . length($bytes) . "\n$bytes") if length $bytes;
}

sub put {
	my ($bytes) = @_;
	my $at = 0;
	while ($at < length $bytes) {
		my $written = syswrite STDOUT, $bytes, length($bytes) - $at, $at;
		next if !defined $written and $! == EINTR;
		exit 1 unless defined $written;
		$at += $written;
	}
}
