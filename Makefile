# SPDX-License-Identifier: Apache-2.0
# make; make demo; make check. CONTRIBUTING.md names every target.

VERSION = 0.1.0
PREFIX ?= /usr/local
BINDIR ?= $(PREFIX)/bin
MANDIR ?= $(PREFIX)/share/man
DATADIR ?= $(PREFIX)/share/cloacina-compiler
SQLDIR ?= $(DATADIR)/sql
UNITDIR ?= $(PREFIX)/lib/systemd/system
SYSCONFDIR ?= /etc
STATIC ?= 1
BUILD ?= build

# Ours stay; CFLAGS, CPPFLAGS and LDFLAGS are the user's and come last.
warnings = -Wall -Wextra -Wshadow -Wformat=2 -Wconversion -Wvla \
    -Wstrict-prototypes -Wmissing-prototypes -Wcast-qual -Wwrite-strings \
    -Wundef -Wimplicit-fallthrough
hardening = -fstack-protector-strong -fstack-clash-protection -fPIE
our_cppflags = -D_GNU_SOURCE -DVERSION='"$(VERSION)"' -Ilib -I$(BUILD)/obj/lib \
    -isystem $(word 1,$(pg_dirs))
our_cflags = -std=gnu11 $(warnings) $(hardening) -ffunction-sections \
    -fdata-sections -MMD -MP
our_ldflags = -Wl,-z,relro,-z,now,-z,noexecstack -Wl,--gc-sections,--as-needed
CFLAGS ?= -O2 -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=3
STRIP ?= -s

# Asked once, by the first who wants to know: before "make deps" none is there.
pg_dirs = $(eval pg_dirs := $$(shell pg_config --includedir --pkglibdir))$(pg_dirs)
libcrypto = -lcrypto
ifeq ($(STATIC),1)
our_ldflags += -static-pie
libpq = -lpq -L$(word 2,$(pg_dirs)) -lpgcommon_shlib -lpgport_shlib \
    -lm -lssl
libcrypto = $(eval libcrypto := $$(shell pkg-config --static --libs libcrypto))$(libcrypto)
libarchive = -larchive -lbz2 -lz -llzma -lzstd
libpq_stubs = $(BUILD)/obj/lib/database/libpq_stubs.o
else
our_ldflags += -pie
libpq = -lpq
libarchive = -larchive
endif

# bin/PROGRAM/ is a program or a script, lib/WING/ what at least two share.
folders = $(notdir $(wildcard bin/*))
programs = $(foreach p,$(folders),$(if $(wildcard bin/$p/$p.c),$p))
scripts = $(foreach p,$(folders),$(if $(wildcard bin/$p/$p.sh),$p))
statements = $(filter-out lib/sql/fence.sql,$(wildcard lib/sql/*.sql))
library = $(patsubst %.c,$(BUILD)/obj/%.o,$(filter-out %/libpq_stubs.c,\
    $(wildcard lib/*/*.c)))
objects = $(patsubst %.c,$(BUILD)/obj/%.o,$(wildcard bin/$*/*.c))

all: $(addprefix $(BUILD)/bin/,$(programs) $(scripts))

.DELETE_ON_ERROR:
.SECONDEXPANSION:
$(programs:%=$(BUILD)/bin/%): $(BUILD)/bin/%: $$(objects) $(BUILD)/obj/libcc.a \
    $(libpq_stubs)
	@mkdir -p $(@D)
	$(quiet)tests/link $@ $(BUILD)/obj/bin/$*.map $(CC) $(our_ldflags) \
	    $(STRIP) $(objects) $(BUILD)/obj/libcc.a $(libpq_stubs) \
	    $(libarchive) $(libpq) -ljansson $(libcrypto) $(LDFLAGS)

# A file that a script reads by its dot is pasted in: each is one file.
$(scripts:%=$(BUILD)/bin/%): $(BUILD)/bin/%: bin/$$*/$$*.sh \
    $$(wildcard bin/$$*/*.sh lib/*/*.sh)
	@mkdir -p $(@D)
	$(quiet)sed 's/^\. /cat /e;s/@VERSION@/$(VERSION)/' $< >$@ && chmod 755 $@

$(BUILD)/obj/%.o: %.c
	@mkdir -p $(@D)
	$(quiet)$(CC) $(our_cppflags) $(our_cflags) $(CPPFLAGS) $(CFLAGS) \
	    -c -o $@ $<

$(BUILD)/obj/libcc.a: $(library)
	$(quiet)rm -f $@ && $(AR) rcs $@ $^

# A statement's file as the lines of a C string, with what it includes; its
# name comes first and shows in pg_stat_activity.
$(BUILD)/obj/lib/sql/%.inc: lib/sql/%.sql lib/sql/fence.sql
	@mkdir -p $(@D)
	$(quiet){ echo '-- $(*F)' && lib/sql/flat $< | grep -v '^--'; } | \
	    sed 's/[\\"]/\\&/g;s/^/"/;s/$$/\\n"/' >$@
# The system call filters, printed by a program that runs here and now.
$(BUILD)/obj/lib/confine/gen/%: lib/confine/gen/%.c $(wildcard lib/confine/gen/*.h)
	@mkdir -p $(@D)
	$(quiet)$(CC) $(our_cppflags) $(our_cflags) -o $@ $< -lseccomp
$(BUILD)/obj/lib/confine/%.inc: $(BUILD)/obj/lib/confine/gen/%
	$(quiet)$< >$@.new && mv $@.new $@
$(BUILD)/obj/lib/confine/seccomp_policy.o: $(BUILD)/obj/lib/confine/seccomp_policy.inc

$(BUILD)/obj/lib/database/statements.o: $(patsubst lib/%.sql,$(BUILD)/obj/lib/%.inc,$(statements))

check demo bench lint:
	tests/$@

check-faults check-hostile check-systemd:
	tests/$(@:check-%=%)/check

check-debian12 check-debian13:
	tests/debian/check $(@:check-debian%=%)

soak:
	tests/faults/soak

asan:
	$(MAKE) BUILD=$(BUILD)/asan STATIC=0 STRIP= LDFLAGS="-fsanitize=address,undefined" \
	    CFLAGS="-O1 -g -fsanitize=address,undefined -fno-omit-frame-pointer"

deps:
	tests/need

places = BINDIR=$(BINDIR) BUILD=$(BUILD) DATADIR=$(DATADIR) \
    DESTDIR=$(DESTDIR) MANDIR=$(MANDIR) PREFIX=$(PREFIX) SQLDIR=$(SQLDIR) \
    SYSCONFDIR=$(SYSCONFDIR) UNITDIR=$(UNITDIR)
install: all
	@$(places) units/install

uninstall:
	@$(places) units/install --undo

deb:
	@BUILD=$(BUILD) units/debian/build $(VERSION)

clean:
	rm -rf $(BUILD)

V ?= 0
silent = $(findstring s,$(firstword -$(MAKEFLAGS)))
quiet = $(if $(filter 0,$(V)),@$(if $(silent),,echo "  $(@:$(BUILD)/%=%)" &&))
.PHONY: all asan bench check check-debian12 check-debian13 check-faults \
    check-hostile check-systemd clean deb demo deps install lint soak uninstall
.SECONDARY:
-include $(wildcard $(BUILD)/obj/*/*/*.d)
