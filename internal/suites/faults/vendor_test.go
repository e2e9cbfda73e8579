package faults

import (
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/voxwarden/voxwarden/internal/testkit/process"
	"github.com/voxwarden/voxwarden/internal/voxsim"
)

// vendorRows are the faults of the vendor, for each engine. They do not change what /readyz reports.
func vendorRows() []row {
	faulty := func(name string, fault voxsim.Fault) row {
		fault.Count = -1
		return row{
			fault: name, ready: ready, vendor: true,
			begin: func(w *world) { w.fixture.Sim.AddFault(fault) },
			end:   func(w *world) { w.fixture.Sim.ClearFaults() },
		}
	}
	link := func(name string, state linkState) row {
		return row{
			fault: name, ready: ready, vendor: true,
			begin: func(w *world) { w.vendor.set(state) },
			end:   func(w *world) { w.vendor.set(linkUp) },
		}
	}
	down := link("vendor down", linkReset)
	down.sample = true
	stopped := link("vendor silent, SIGTERM", linkSilent)
	stopped.stop = true
	return []row{
		down,
		link("vendor silent", linkSilent),
		faulty("vendor slow", voxsim.Fault{Kind: voxsim.SlowDrip, Delay: 4 * time.Second}),
		faulty("vendor sends HTML", voxsim.Fault{Kind: voxsim.HTMLBody}),
		faulty("vendor sends half of the JSON", voxsim.Fault{Kind: voxsim.TruncatedJSON}),
		faulty("vendor reports errors", voxsim.Fault{Kind: voxsim.HTTP500}),
		{
			fault: "vendor's name cannot be resolved", ready: ready, vendor: true,
			prepare: withOwnHosts,
			begin:   func(w *world) { w.writeHosts("") },
			end:     func(w *world) { w.writeHosts(vendorHosts) },
		},
		stopped,
	}
}

// vendorHosts resolves the vendor's name in the row in which that fails.
const vendorHosts = "127.0.0.1 localhost\n"

// withOwnHosts gives the console files of its own in the places of /etc/hosts and /etc/resolv.conf, and the vendor a
// name.
func withOwnHosts(w *world) {
	w.needMounts()
	w.hosts = filepath.Join(process.FolderFor(w, 0), "hosts")
	w.writeHosts(vendorHosts)
	resolver := filepath.Join(filepath.Dir(w.hosts), "resolv.conf")
	if err := os.WriteFile(resolver, []byte("nameserver 127.0.0.1\noptions attempts:1 timeout:1\n"), 0o644); err != nil {
		w.Fatal(err)
	}
	script := fmt.Sprintf(
		"mount --bind %s /etc/hosts && mount --bind %s /etc/resolv.conf && "+
			`GODEBUG=netdns=go exec setpriv --reuid %[3]d --regid %[3]d --clear-groups "$0"`,
		w.hosts, resolver, w.uid,
	)
	w.wrapper = []string{"unshare", "--mount", "sh", "-c", script}
	w.vendorHost = "localhost"
}

// writeHosts writes the file of hosts in place, because it is mounted, and ends the connections to the vendor.
func (w *world) writeHosts(content string) {
	if err := os.WriteFile(w.hosts, []byte(content), 0o644); err != nil {
		w.Fatal(err)
	}
	if w.vendor != nil {
		w.vendor.cut()
	}
}
