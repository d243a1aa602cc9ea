#!/usr/bin/perl
# SPDX-License-Identifier: GPL-2.0
# pump.pl MARK KIND: copies standard input to standard output until NUL MARK
# NUL comes by, without holding anything else back.
use strict;
use warnings;

my $mark = "\0$ARGV[0]\0";
my $held = "";

sub put {
	my ($data) = @_;

	while (length $data) {
		my $n = syswrite(STDOUT, $data);
		return if !defined $n && !$!{EINTR} && !$!{EAGAIN};
		substr($data, 0, $n) = "" if $n;
	}
}

while (1) {
	my $n = sysread(STDIN, my $data, 65536);
	last if defined $n && !$n;
	next if !defined $n && $!{EINTR};
	last if !defined $n;
	$data = $held . $data;
	$held = "";
	my $at = index($data, $mark);
	if ($at >= 0) {
		put(substr($data, 0, $at));
		last;
	}
	# the mark may have come in part
	for (my $nul = rindex($data, "\0"); $nul >= 0;
	     $nul = $nul ? rindex($data, "\0", $nul - 1) : -1) {
		my $tail = substr($data, $nul);
		last if length $tail >= length $mark;
		if (index($mark, $tail) == 0) {
			$held = $tail;
			$data = substr($data, 0, $nul);
			last;
		}
	}
	put($data);
}

# a console's driver still has some of it
if ($ARGV[1] eq "uml") {
	require POSIX;
	POSIX::tcdrain(1);
}
