#include "compiler/backend/seatbelt/base_profile.h"

namespace srt::seatbelt {

const std::string_view kBaseProfile = R"sb((version 1)
(deny default)

;;; What programs need to run at all

; Processes: the command may start children, and see and signal those of its own sandbox only.
; What it may execute is the policy's business.
(allow process-fork)
(allow process-info* (target same-sandbox))
(allow signal (target same-sandbox))
(allow mach-priv-task-port (target same-sandbox))

; Sysctls, by name: facts about the machine that libc, dyld and language runtimes ask for. Not the
; arguments and environment of other processes (kern.procargs2).
(allow sysctl-read
  (sysctl-name "hw.activecpu")
  (sysctl-name "hw.byteorder")
  (sysctl-name "hw.cachelinesize")
  (sysctl-name "hw.cpufamily")
  (sysctl-name "hw.cpufrequency")
  (sysctl-name "hw.cputype")
  (sysctl-name "hw.l1dcachesize")
  (sysctl-name "hw.l1icachesize")
  (sysctl-name "hw.l2cachesize")
  (sysctl-name "hw.l3cachesize")
  (sysctl-name "hw.logicalcpu")
  (sysctl-name "hw.logicalcpu_max")
  (sysctl-name "hw.machine")
  (sysctl-name "hw.memsize")
  (sysctl-name "hw.model")
  (sysctl-name "hw.ncpu")
  (sysctl-name "hw.nperflevels")
  (sysctl-name "hw.packages")
  (sysctl-name "hw.pagesize")
  (sysctl-name "hw.physicalcpu")
  (sysctl-name "hw.physicalcpu_max")
  (sysctl-name "kern.argmax")
  (sysctl-name "kern.bootargs")
  (sysctl-name "kern.hostname")
  (sysctl-name "kern.maxfilesperproc")
  (sysctl-name "kern.maxproc")
  (sysctl-name "kern.ngroups")
  (sysctl-name "kern.osproductversion")
  (sysctl-name "kern.osrelease")
  (sysctl-name "kern.ostype")
  (sysctl-name "kern.osvariant_status")
  (sysctl-name "kern.osversion")
  (sysctl-name "kern.secure_kernel")
  (sysctl-name "kern.tcsm_available")
  (sysctl-name "kern.usrstack64")
  (sysctl-name "kern.version")
  (sysctl-name "sysctl.proc_cputype")
  (sysctl-name "vm.loadavg")
  (sysctl-name-prefix "hw.optional.")
  (sysctl-name-prefix "hw.perflevel")
  (sysctl-name-prefix "machdep.cpu."))

; Mach services. Left out on purpose: Launch Services (com.apple.coreservices.launchservicesd,
; com.apple.lsd.*) and Apple Events start programs outside the sandbox; com.apple.trustd fetches
; from the network outside the proxy, and com.apple.dnssd.service asks any name of any resolver;
; com.apple.cfprefsd writes preferences; com.apple.SecurityServer holds the keychain.
(allow mach-lookup
  (global-name "com.apple.bsd.dirhelper")                      ; confstr(_CS_DARWIN_USER_TEMP_DIR)
  (global-name "com.apple.logd")                               ; os_log
  (global-name "com.apple.system.logger")                      ; syslog(3)
  (global-name "com.apple.system.notification_center")         ; notify(3): time zone changes
  (global-name "com.apple.system.opendirectoryd.libinfo")      ; getpwuid(3), getgrgid(3)
  (global-name "com.apple.system.opendirectoryd.membership"))  ; getgrouplist(3)

; POSIX IPC: semaphores and shared memory of language runtimes, and the page in which notify(3)
; counts.
(allow ipc-posix-sem)
(allow ipc-posix-shm-read-data (ipc-posix-name "apple.shm.notification_center"))
(allow ipc-posix-shm* (ipc-posix-name-regex #"^/psm_"))  ; Python's multiprocessing

; Terminals: modes and sizes. Reading and writing devices is the policy's business.
(allow file-ioctl
  (literal "/dev/dtracehelper")
  (literal "/dev/tty")
  (regex #"^/dev/ttys[0-9]+$"))
)sb";

}  // namespace srt::seatbelt
