# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
# The rig's inputs: guest root, kernels, debug builds, module and helper.
#
# Each input is made where it is absent and kept under the cache directory by
# a name that holds a hash of what made it; a change of recipe makes another.
# Root and sources appear there by rename, kernels built in place carry a
# stamp, and a lock per input keeps two runs from making the same thing twice.

vm_dir=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
repo=$(cd "$vm_dir/../.." && pwd)
cache=${XDG_CACHE_HOME:-$HOME/.cache}/leaseglean
vm_stock_kernels="6.1 6.12 7.3"
vm_uml_kernels="uml uml-bench"

# what makes disks, module lists and mounts is not in every caller's PATH
PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin

progress() { echo "# rig: $*" >&2; }
fatal() { echo "# rig: error: $*" >&2; exit 125; }

# with_lock NAME FUNCTION ARGS...: one at a time; the kernel drops the lock
# with its holder. A subshell: a fatal in it ends that only, and is the status.
with_lock() {
	local name=$1

	shift
	mkdir -p "$cache/locks" && : >>"$cache/locks/$name" ||
		fatal "cannot write in $cache"
	(
		flock -n 9 || {
			progress "waiting for another run to make $name"
			flock 9
		}
		"$@"
	) 9>"$cache/locks/$name"
}

# need FILE LOCK FUNCTION ARGS...: afterwards FILE is there, or the run ends
# here. FUNCTION has said why.
need() {
	local file=$1

	shift
	[ ! -e "$file" ] || return 0
	with_lock "$@" || exit 125
	[ -e "$file" ] || fatal "$file was to be made, and is not there"
}

# room DIRECTORY MEGABYTES WHAT: a full disk ends things in odder ways
room() {
	local free

	mkdir -p "$1" || fatal "cannot write in $1"
	free=$(df -Pm "$1" | awk 'NR == 2 { print $4 }')
	[ "${free:-0}" -ge "$2" ] ||
		fatal "$3 takes $2 MB in $1, where $free MB are free"
}

hash_of() { cat "$@" | sha256sum | cut -c1-12; }

# a line every half minute, for who wonders whether it still goes on
heartbeat() {
	local seconds=0 never

	# a pipe that nothing is ever written to: no child to leave behind
	exec {never}<> <(:)
	while ! read -rt 30 -u "$never"; do
		seconds=$((seconds + 30))
		progress "... $seconds s"
	done
}

# quiet LOG COMMAND...: output only if it fails, and then its end
quiet() {
	local log=$1 beat status

	shift
	mkdir -p "$(dirname "$log")"
	heartbeat &
	beat=$!
	"$@" >"$log" 2>&1 </dev/null
	status=$?
	kill "$beat"
	wait "$beat" 2>/dev/null
	[ $status != 0 ] || return 0
	echo "# rig: failed: $*" >&2
	tail -n 40 "$log" | sed 's/^/# | /' >&2
	return 1
}

# persist LOG COMMAND...: what a network makes fail gets three tries
persist() {
	local try

	for try in 1 2 3; do
		quiet "$@" && return
		[ $try = 3 ] || { progress "once more"; sleep 5; }
	done
	return 1
}

host_deps() {
	local c

	for c in qemu-system-x86_64 mmdebstrap rsync cpio xz gcc make patch bison \
		 flex bc mke2fs flock unshare setsid; do
		command -v "$c" >/dev/null 2>&1 &&
			[ -e /usr/include/stdio.h ] && continue
		"$vm_dir/deps" >&2 || fatal "cannot install what the rig needs"
		return
	done
}

# ---- packages -------------------------------------------------------------

# the mirror that this host itself installs from
mirror() {
	local codename

	if [ -n "${LG_MIRROR:-}" ]; then
		echo "$LG_MIRROR"
		return
	fi
	# shellcheck disable=SC1091
	codename=$(. /etc/os-release && echo "${VERSION_CODENAME:-}")
	# shellcheck disable=SC2016
	apt-get indextargets --format '$(REPO_URI) $(RELEASE) $(COMPONENT)' \
		'Created-By: Packages' |
		awk -v c="$codename" '$2 == c && $3 == "main" { print $1; exit }'
}

suites="trixie trixie-backports bookworm"

# apt on a state of its own, that knows the guests' suites
guest_apt() {
	local tool=$1 state=$cache/apt

	shift
	"$tool" -o Dir::Etc::sourcelist="$state/sources.list" \
		-o Dir::Etc::sourceparts=/dev/null \
		-o Dir::Etc::preferencesparts=/dev/null \
		-o Dir::State::lists="$state/lists" \
		-o Dir::State::status=/dev/null \
		-o Dir::Cache="$state/cache" \
		-o APT::Architecture=amd64 -o APT::Architectures=amd64 \
		-o APT::Sandbox::User=root -o Acquire::Languages=none "$@"
}

guest_apt_update() {
	local m s

	m=$(mirror)
	[ -n "$m" ] || fatal "no Debian mirror in apt's sources: set LG_MIRROR"
	mkdir -p "$cache/apt/lists/partial" "$cache/apt/cache/archives/partial"
	for s in $suites; do
		echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $m $s main"
	done >"$cache/apt/sources.list.$BASHPID" &&
		mv "$cache/apt/sources.list.$BASHPID" "$cache/apt/sources.list" ||
		fatal "cannot write in $cache/apt"
	persist "$cache/logs/apt.log" guest_apt apt-get update --error-on=any ||
		fatal "apt-get update failed"
}

# the newest release of a kernel series that Debian has
newest_release() {
	guest_apt apt-cache pkgnames "linux-headers-$1." |
		sed -n 's/^linux-headers-\(.*-amd64\)$/\1/p' |
		grep -Ev 'cloud|rt-|common' | sort -V | tail -n 1
}

# ---- the guests' root -----------------------------------------------------

root_key() { hash_of "$vm_dir/packages" "$vm_dir/mkroot"; }
root_path() { echo "$cache/root-$(root_key)"; }

make_root() {
	local root rel releases="" series tmp

	root=$(root_path)
	[ ! -e "$root" ] || return 0
	progress "making the guests' root (two minutes)"
	room "$cache" 5000 "the guests' root"
	with_lock apt guest_apt_update || exit 125
	for series in $vm_stock_kernels; do
		rel=$(newest_release "$series")
		[ -n "$rel" ] || fatal "Debian has no kernel $series any more"
		releases="$releases $rel"
	done
	tmp=$cache/tmp/root.$$
	# no other run is to change apt's lists meanwhile
	# shellcheck disable=SC2086
	with_lock apt persist "$cache/logs/root.log" unpack_root "$tmp" \
		$releases || {
		rm -rf --one-file-system "$tmp"
		fatal "the guests' root could not be made: $cache/logs/root.log"
	}
	mv "$tmp" "$root" || fatal "cannot write $root"
}

# unpack_root DIRECTORY RELEASE...
unpack_root() {
	local root=$1 rel
	shift

	# what an interrupted run left: its mounts went with its namespace
	rm -rf --one-file-system "$cache"/tmp/root.*
	MIRROR=$(mirror) SUITES=$suites APT_STATE=$cache/apt \
		unshare -m --propagation private \
		"$vm_dir/mkroot" "$root" "$vm_dir/packages" "$@" || return 1
	# a package of a kernel that could not be fetched is not missed by it
	for rel; do
		[ -s "$root/boot/vmlinuz-$rel" ] &&
			[ -n "$(find "$root/usr/lib/modules/$rel/kernel/fs" \
				-name '9p.ko*')" ] || {
			echo "the kernel $rel is not whole"
			return 1
		}
	done
}

need_root() { need "$(root_path)" root make_root; }

# release KERNEL: the stock kernel's release, as the root has it
release() {
	local dir

	for dir in "$(root_path)/usr/lib/modules/$1".*-amd64; do
		[ -d "$dir" ] && basename "$dir"
	done | sort -V | tail -n 1
}

# in_root [-b DIR AT]... COMMAND...: chroot into the guests' root with /proc
# and the bound directories, in a mount namespace that ends with it. The root
# is read-only: what a command left in it would be in every guest afterwards.
in_root() {
	local binds=()

	while [ "$1" = -b ]; do
		binds+=("$2" "$3")
		shift 3
	done
	# shellcheck disable=SC2016
	unshare -m --propagation private bash -c '
		root=$1 n=$2
		shift 2
		mount --bind "$root" "$root" &&
			mount -o remount,bind,ro "$root" &&
			mount -t tmpfs -o mode=1777 tmp "$root/tmp" || exit
		for ((; n; n--)); do
			mount --bind "$1" "$root$2" || exit
			shift 2
		done
		mount -t proc proc "$root/proc" || exit
		exec chroot "$root" env -i HOME=/root LANG=C.UTF-8 \
			PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
			"$@"
	' in_root "$(root_path)" $((${#binds[@]} / 2)) "${binds[@]}" "$@"
}

# in_scratch_root COMMAND...: like a guest as far as files go, the shares at
# their own paths and the rest thrown away, but on the host's kernel
in_scratch_root() {
	local scratch status

	scratch=$(mktemp -d "$cache/tmp/scratch.XXXXXX") ||
		fatal "cannot write in $cache/tmp"
	# shellcheck disable=SC2016,SC2154
	printf '%s\0' "${shares[@]}" | unshare -m -n -p -f --kill-child \
		--propagation private bash -c '
		lower=$1 at=$2 cwd=$3
		shift 3
		die() { echo "# rig: error: $*" >&2; exit 125; }
		mount -t tmpfs -o mode=755 scratch "$at" &&
		mkdir "$at/up" "$at/work" "$at/new" &&
		mount -t overlay -o "lowerdir=$lower,upperdir=$at/up,workdir=$at/work" \
			overlay "$at/new" &&
		cd "$at/new" && mkdir -p proc dev tmp &&
		mount -t proc proc proc && mount --rbind /dev dev &&
		mount -t tmpfs -o mode=1777 tmp tmp ||
			die "cannot mount a scratch root"
		while read -r -d "" dir; do
			mkdir -p ".$dir" && mount --bind "$dir" ".$dir" ||
				die "cannot mount $dir"
		done
		exec chroot . env -i HOME=/root LANG=C.UTF-8 LG_ROOT=1 \
			PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
			sh -c "cd \"\$0\" && exec \"\$@\"" "$cwd" "$@" </dev/null
	' in_scratch_root "$(root_path)" "$scratch" "$repo" "$@"
	status=$?
	rmdir "$scratch"
	return $status
}

# ---- kernel source and User-mode Linux --------------------------------------

uml_patch=$vm_dir/uml.patch
source_path() { echo "$cache/linux-source-6.12-$(hash_of "$uml_patch")"; }

unpack_source() { # TMP
	mkdir -p "$1/deb" "$1/src" &&
	dpkg-deb -x "$1"/linux-source-6.12_*.deb "$1/deb" &&
	tar -C "$1/src" --strip-components=1 -xJf \
		"$1/deb/usr/src/linux-source-6.12.tar.xz" &&
	patch -d "$1/src" -p1 <"$uml_patch" &&
	[ -s "$1/src/Makefile" ] && [ -s "$1/src/scripts/checkpatch.pl" ]
}

make_source() {
	local tmp=$cache/tmp/source.$$

	[ ! -e "$(source_path)" ] || return 0
	progress "unpacking the kernel's source (half a minute)"
	room "$cache" 2500 "the kernel's source"
	with_lock apt guest_apt_update || exit 125
	rm -rf "$cache"/tmp/source.*
	mkdir -p "$tmp"
	(cd "$tmp" && persist "$cache/logs/source.log" \
		guest_apt apt-get download linux-source-6.12) ||
		fatal "cannot fetch linux-source-6.12"
	quiet "$cache/logs/source.log" unpack_source "$tmp" ||
		fatal "cannot unpack linux-source-6.12"
	mv "$tmp/src" "$(source_path)" || fatal "cannot write $(source_path)"
	rm -rf "$tmp"
}

need_source() {
	need "$(source_path)" source make_source
	# an empty key would name, and build, another kernel
	[ -s "$(source_path)/Makefile" ] &&
		[ -s "$(source_path)/scripts/checkpatch.pl" ] ||
		fatal "$(source_path) is not whole: remove it"
}

uml_configs() {
	echo "$vm_dir/uml.config"
	[ "$1" = uml ] && echo "$vm_dir/uml-debug.config"
}

# the build directory of a UML: its place, compiler and source are in the key,
# because the build's files name them
uml_path() {
	local key

	# shellcheck disable=SC2046
	key=$({
		cat $(uml_configs "$1")
		sed -n '2,4p' "$(source_path)/Makefile"
		gcc -dumpfullversion -dumpversion
		source_path
	} | hash_of)
	echo "$cache/$1-$key"
}

# every option asked for is set as asked, or the build would test less than
# it says
check_config() {
	local config=$1 line name bad=0

	shift
	while read -r line; do
		case $line in
		'# CONFIG_'*' is not set')
			name=${line#\# }
			name=${name%% *}
			grep -q "^$name=" "$config" || continue ;;
		CONFIG_*=n)
			grep -q "^${line%=n}=" "$config" || continue ;;
		CONFIG_*)
			grep -qxF -- "$line" "$config" && continue ;;
		*)
			continue ;;
		esac
		echo "not as asked: $line"
		bad=1
	done < <(cat "$@")
	return $bad
}

make_uml() {
	local kernel=$1 dir log

	dir=$(uml_path "$kernel")
	log=$cache/logs/$kernel.log
	[ ! -e "$dir/.complete" ] || return 0
	progress "building the $kernel kernel (three to six minutes)"
	room "$cache" 1000 "the $kernel kernel"
	mkdir -p "$dir"
	# shellcheck disable=SC2046
	quiet "$log" make -C "$(source_path)" -s ARCH=um O="$dir" tinyconfig &&
		cat $(uml_configs "$kernel") >>"$dir/.config" &&
		quiet "$log" make -C "$(source_path)" -s ARCH=um O="$dir" \
			olddefconfig &&
		quiet "$log" check_config "$dir/.config" $(uml_configs "$kernel") &&
		quiet "$log" make -C "$(source_path)" -s -j2 ARCH=um O="$dir" \
			linux modules ||
		fatal "the $kernel kernel could not be built: $log"
	[ -x "$dir/linux" ] && : >"$dir/.complete" ||
		fatal "the build of the $kernel kernel left none"
}

need_uml() {
	need_source
	need "$(uml_path "$1")/.complete" "$1" make_uml "$1"
}

# ---- stock kernels ----------------------------------------------------------

# what a guest's mounts and output channels need; a processor's own CRC driver
# may refuse to load where it is emulated, and the generic one does
boot_modules="virtio_pci virtio_blk ext4 virtio_console 9pnet_virtio 9p overlay"
boot_modules_not="crc32c-intel"

stock_path() {
	local key

	key=$(echo "$boot_modules $boot_modules_not" | hash_of)
	echo "$(root_path)/boot/initrd-$1-$key.cpio"
}

# The root as a disk: reading many small files from it is several times faster
# than through 9p, which building with DKMS in a guest does.
disk_path() { echo "$(root_path).ext4"; }

make_disk() {
	local root tmp size

	root=$(root_path)
	tmp=$cache/tmp/disk.$$
	[ ! -e "$(disk_path)" ] || return 0
	progress "making a disk of the guests' root (half a minute)"
	rm -f "$cache"/tmp/disk.*
	size=$(du -s --block-size=1M "$root" | cut -f1)
	room "$cache" "$((size + 200))" "the guests' disk"
	quiet "$cache/logs/disk.log" mke2fs -q -t ext4 -m 0 -N 200000 \
		-O ^has_journal,^metadata_csum -d "$root" "$tmp" \
		"$((size * 5 / 4 + 200))M" && mv "$tmp" "$(disk_path)" || {
		rm -f "$tmp"
		fatal "the guests' disk could not be made"
	}
}

# The initramfs of a stock kernel: busybox and the modules, uncompressed, for
# unpacking is slow where the processor is emulated. guest-init is appended at
# each run.
make_initrd() {
	local kernel=$1 rel tmp

	[ ! -e "$(stock_path "$kernel")" ] || return 0
	rel=$(release "$kernel")
	[ -n "$rel" ] || fatal "the guests' root has no kernel $kernel"
	tmp=$cache/tmp/initrd.$$
	rm -rf "$tmp"
	collect_modules "$rel" "$tmp/modules" &&
		pack_initrd "$tmp" "$(stock_path "$kernel")" ||
		fatal "the initramfs of $kernel could not be made"
}

# collect_modules RELEASE DIRECTORY: what booting takes, and in which order
collect_modules() {
	local rel=$1 dir=$2 root ko name

	root=$(root_path)
	mkdir -p "$dir" || return 1
	# shellcheck disable=SC2086
	chroot "$root" modprobe -S "$rel" -a --show-depends $boot_modules \
		>"$dir/list" || return 1
	awk -v not="/$boot_modules_not.ko" '$1 == "insmod" &&
		!index($2, not) && !seen[$2]++ { print $2 }' "$dir/list" |
	while read -r ko; do
		name=$(basename "$ko")
		case $name in
		*.xz)
			name=${name%.xz}
			xz -dc "$root$ko" >"$dir/$name" || exit 1 ;;
		*)
			cp "$root$ko" "$dir/$name" || exit 1 ;;
		esac
		echo "$name"
	done >"$dir/order" || return 1
	rm "$dir/list"
	grep -q '^9p\.ko' "$dir/order" ||
		fatal "kernel $rel has no 9p module"
}

# pack_initrd DIRECTORY FILE: the directory, and busybox, which is removed
pack_initrd() {
	local tmp=$1

	mkdir -p "$tmp/bin" && cp "$(root_path)/usr/bin/busybox" "$tmp/bin/" &&
	(set -o pipefail; cd "$tmp" && find . |
		cpio --quiet -o -H newc) >"$tmp.cpio" &&
	mv "$tmp.cpio" "$2" && rm -rf "$tmp"
}

uml_initrd() { echo "$(root_path)/boot/initrd-uml.cpio"; }

make_uml_initrd() {
	[ ! -e "$(uml_initrd)" ] || return 0
	pack_initrd "$cache/tmp/initrd.$$" "$(uml_initrd)" ||
		fatal "the initramfs of User-mode Linux could not be made"
}

# need_kernel KERNEL: everything that booting it takes
need_kernel() {
	need_root
	case $1 in
	uml | uml-bench)
		need_uml "$1"
		need "$(uml_initrd)" initrd-uml make_uml_initrd ;;
	6.1 | 6.12 | 7.3)
		[ -s "$(root_path)/boot/vmlinuz-$(release "$1")" ] ||
			fatal "the guests' root has no kernel $1"
		need "$(disk_path)" disk make_disk
		need "$(stock_path "$1")" "initrd-$1" make_initrd "$1" ;;
	*)
		fatal "no kernel '$1': one of $vm_stock_kernels $vm_uml_kernels" ;;
	esac
}

# need_kernels KERNEL...: the compiler and the network are busy side by side
need_kernels() {
	local kernel compiling=""

	need_source
	for kernel; do
		case $kernel in
		uml | uml-bench)
			need_uml "$kernel" &
			compiling="$compiling $!" ;;
		6.1 | 6.12 | 7.3)
			# the root first: its lock would be waited for
			need_kernel "$kernel" ;;
		esac
	done
	need_root
	for kernel in $compiling; do
		wait "$kernel" || exit 125
	done
	for kernel; do
		need_kernel "$kernel"
	done
}

# ---- module and helper --------------------------------------------------------

# named after the checkout's place and what it is built with; LG_HELPER_CFLAGS
# may be the compiler's options of another build of the helper
build_path() {
	local with

	with=$(root_path)
	case $1 in
	uml | uml-bench) with=$(uml_path "$1") ;;
	helper)
		[ -z "${LG_HELPER_CFLAGS:-}" ] ||
			with=$with-$(echo "$with $LG_HELPER_CFLAGS" | hash_of) ;;
	esac
	echo "$cache/build/$(echo "$repo" | hash_of)/$1-${with##*-}"
}

# copy_sources TO WHAT...: into a tree that keeps its objects, so that only
# what changed is built again; and .built goes if anything did change
copy_sources() {
	local to=$1 keep=() have=() p changes

	shift
	for p in '*.o' '*.gcno' '*.ko' '*.mod' '*.mod.c' '.*.cmd' '*.d' modules.order \
		 Module.symvers '.module-common.*' .built; do
		keep+=(--filter="P $p" --exclude="$p")
	done
	mkdir -p "$to"
	for p in "$@"; do
		[ -e "$repo/$p" ] && have+=("$p")
	done
	changes=$(cd "$repo" &&
		rsync -aRi --delete "${keep[@]}" "${have[@]}" "$to/") ||
		return 1
	[ -z "$changes" ] || rm -f "$to/.built"
}

# make_module KERNEL: the module and its dependency lists, in image/, laid out
# as the guest's root is
make_module() {
	local kernel=$1 dir src image rel log ko deps o

	dir=$(build_path "$kernel")
	src=$dir/src
	image=$dir/image
	log=$dir/build.log
	rm -f "$dir/absent"
	if [ ! -e "$repo/Kbuild" ] || [ ! -d "$repo/module" ]; then
		progress "no module to build: there is no Kbuild and module/"
		mkdir -p "$image"
		: >"$dir/absent"
		return 0
	fi
	copy_sources "$src" Kbuild Makefile module uapi || return 1
	[ ! -e "$src/.built" ] || return 0
	case $kernel in
	uml | uml-bench)
		o=$(uml_path "$kernel")
		rel=$(<"$o/include/config/kernel.release")
		quiet "$log" make -C "$o" -s ARCH=um M="$src" modules ||
			return 1 ;;
	*)
		rel=$(release "$kernel")
		quiet "$log" in_root -b "$src" /mnt make -s \
			-C "/usr/src/linux-headers-$rel" M=/mnt modules ||
			return 1 ;;
	esac
	grep -E 'warning:|WARNING:' "$log" >&2
	ko=$src/leaseglean.ko
	[ -e "$ko" ] || { progress "the build left no leaseglean.ko"; return 1; }
	mkdir -p "$image/usr/lib/modules/$rel/updates"
	cp "$ko" "$image/usr/lib/modules/$rel/updates/leaseglean.ko.new"
	mv "$image/usr/lib/modules/$rel/updates/leaseglean.ko.new" \
		"$image/usr/lib/modules/$rel/updates/leaseglean.ko"
	# the lists change only with what modprobe reads in the module
	deps=$(modinfo -F depends "$ko"; modinfo -F alias "$ko"; modinfo -F softdep "$ko")
	if [ "$deps" != "$(cat "$dir/deps" 2>/dev/null)" ] ||
	   [ ! -e "$image/usr/lib/modules/$rel/modules.dep.bin" ]; then
		module_lists "$kernel" "$rel" "$image" "$ko" || return 1
		echo "$deps" >"$dir/deps"
	fi
	: >"$src/.built"
}

# depmod over the kernel's modules and ours, the result into the image
module_lists() {
	local kernel=$1 rel=$2 image=$3 ko=$4 o

	case $kernel in
	uml | uml-bench)
		o=$(uml_path "$kernel")
		cp "$o/modules.builtin" "$o/modules.builtin.modinfo" \
			"$image/usr/lib/modules/$rel/" || return 1
		: >"$image/usr/lib/modules/$rel/modules.order"
		# a directory above lib/ is what depmod takes
		ln -sfn usr/lib "$image/lib"
		depmod -b "$image" "$rel" && rm "$image/lib" ;;
	*)
		in_root -b "$ko" "/usr/lib/modules/$rel/updates/leaseglean.ko" \
			-b "$image" /mnt sh -c "
			depmod -o /mnt/out '$rel' &&
			mv /mnt/out/lib/modules/'$rel'/* \
				/mnt/usr/lib/modules/'$rel'/ &&
			rm -r /mnt/out" ;;
	esac
}

make_helper() {
	local dir log name found=0

	dir=$(build_path helper)
	log=$dir/build.log
	mkdir -p "$dir/image/usr/local/sbin"
	if [ ! -e "$repo/userspace-helper/Makefile" ]; then
		progress "no helper to build: there is no userspace-helper/Makefile"
		return 0
	fi
	copy_sources "$dir/src" Makefile Kbuild module uapi userspace-helper \
		selftests/procfs.c selftests/coverage/exit.h || return 1
	[ ! -e "$dir/src/.built" ] || return 0
	quiet "$log" in_root -b "$dir/src" /mnt \
		env ${LG_HELPER_CFLAGS:+"CFLAGS=$LG_HELPER_CFLAGS"} \
		make -s -j2 -C /mnt/userspace-helper || return 1
	# what procfs.sh runs: emulated machines take long to compile it
	[ ! -e "$dir/src/selftests/procfs.c" ] ||
		quiet "$log" in_root -b "$dir/src" /mnt gcc -O2 -Wall \
			-I /mnt/uapi -o /mnt/selftests/procfs \
			/mnt/selftests/procfs.c -lmnl || return 1
	grep 'warning:' "$log" >&2
	for name in leasegleand leaseglean; do
		[ -x "$dir/src/userspace-helper/$name" ] || continue
		cp "$dir/src/userspace-helper/$name" \
			"$dir/image/usr/local/sbin/$name.new"
		mv "$dir/image/usr/local/sbin/$name.new" \
			"$dir/image/usr/local/sbin/$name"
		found=1
	done
	if [ -x "$dir/src/selftests/procfs" ]; then
		mkdir -p "$dir/image/usr/local/libexec/leaseglean"
		cp "$dir/src/selftests/procfs" \
			"$dir/image/usr/local/libexec/leaseglean/"
	fi
	[ $found = 1 ] || progress "the helper's build left no program"
	if [ -e "$dir/src/userspace-helper/leasegleand.service" ]; then
		mkdir -p "$dir/image/usr/local/lib/systemd/system"
		cp "$dir/src/userspace-helper/leasegleand.service" \
			"$dir/image/usr/local/lib/systemd/system/"
	fi
	: >"$dir/src/.built"
}

# build_lock WHAT: the lock of a build of this checkout
build_lock() { echo "build-$(echo "$repo" | hash_of)-$1"; }

need_module() {
	with_lock "$(build_lock "$1")" make_module "$1" ||
		fatal "the module could not be built for $1"
}

need_helper() {
	need_root
	with_lock "$(build_lock helper)" make_helper ||
		fatal "the helper could not be built"
}

# ---- KVM ----------------------------------------------------------------------

# Some hosts let /dev/kvm be opened and then never start a guest: only a kernel
# that ran to its end counts. Asked once per boot of the host.
probe_kvm() {
	local answer tmp=$cache/tmp/kvm.$$ rel

	answer=$cache/kvm-$(cat /proc/sys/kernel/random/boot_id)
	if [ ! -e "$answer" ]; then
		rm -rf "$cache"/kvm-* "$tmp"
		mkdir -p "$tmp/bin"
		cp "$(root_path)/usr/bin/busybox" "$tmp/bin/"
		printf '%s\n' '#!/bin/busybox sh' '/bin/busybox poweroff -f' \
			>"$tmp/init"
		chmod +x "$tmp/init"
		(cd "$tmp" && find . | cpio --quiet -o -H newc) >"$tmp.cpio"
		rel=$(release 6.12)
		if (timeout -s KILL 10 qemu-system-x86_64 -accel kvm -cpu host \
			-m 256 -nodefaults -no-user-config -display none \
			-no-reboot -nic none \
			-kernel "$(root_path)/boot/vmlinuz-$rel" \
			-initrd "$tmp.cpio" -append "quiet panic=-1" \
			</dev/null) >/dev/null 2>&1; then
			echo yes >"$answer"
		else
			echo no >"$answer"
		fi
		rm -rf "$tmp" "$tmp.cpio"
	fi
	[ "$(<"$answer")" = yes ]
}

have_kvm() {
	[ -w /dev/kvm ] && with_lock kvm probe_kvm
}
