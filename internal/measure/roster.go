package measure

import (
	"net/netip"
	"strings"

	"github.com/scalebot/scalebot/internal/scale"
)

// roster is the list of a component's pods, by which the pod of a member is found: by its address
// or, where that does not identify a pod (address translation, host network), by the pod's name
// inside the client id.
type roster struct {
	names []string
	byIP  map[string][]string
	// going are the pods that are terminating or gone, gone only those that are gone.
	going, gone map[string]bool
	// matched says that members could be matched with pods earlier.
	matched bool
}

// newRoster lists the present pods and those that existed before.
func newRoster(now, before []scale.Pod) roster {
	r := roster{byIP: map[string][]string{}, going: map[string]bool{}, gone: map[string]bool{}}
	known := map[string]bool{}
	add := func(p scale.Pod, going bool) {
		if known[p.Name] || p.Name == "" {
			return
		}
		known[p.Name] = true
		r.names = append(r.names, p.Name)
		if going {
			r.going[p.Name] = true
		}
		for _, ip := range p.IPs {
			// An address that a present pod has no longer belongs to an earlier one.
			ip = address(ip)
			if owners := r.byIP[ip]; len(owners) == 0 || !going || r.going[owners[0]] {
				r.byIP[ip] = append(owners, p.Name)
			}
		}
	}
	for _, p := range now {
		add(p, p.Terminating)
	}
	for _, p := range before {
		r.gone[p.Name] = !known[p.Name]
		add(p, true)
	}
	return r
}

// assignPods sets the pod of each member, and reports whether it is known for any. Where several
// pods share one address, its members are distributed evenly among those pods, because only the
// number on each pod matters.
func (r roster) assignPods(members []Consumer) bool {
	dealt := map[string]int{}
	var shared []int
	for i := range members {
		pod, several := r.podOf(members[i].Member)
		if several {
			shared = append(shared, i)
		}
		if members[i].Pod = pod; pod != "" {
			dealt[pod]++
		}
	}
	for _, i := range shared {
		least := ""
		for _, pod := range r.byIP[address(members[i].Host)] {
			if least == "" || dealt[pod] < dealt[least] {
				least = pod
			}
		}
		members[i].Pod = least
		dealt[least]++
	}
	return len(dealt) > 0
}

// podOf is the pod a member runs on; empty when that is not known. several says that the member's
// address is shared by several pods.
func (r roster) podOf(m scale.Member) (pod string, several bool) {
	at := r.byIP[address(m.Host)]
	if len(at) == 1 {
		return at[0], false
	}
	for _, name := range r.names {
		if len(name) > len(pod) && (containsName(m.Client, name) || containsName(m.Instance, name) || containsName(m.ID, name)) {
			pod = name
		}
	}
	return pod, pod == "" && len(at) > 1
}

// address is a member's host without what brokers print around it: Java's name and slash before
// it, brackets, a port. Java writes an IPv6 address in full ("fd00:0:0:0:0:0:0:1"), where
// Kubernetes shortens it; both become the short form.
func address(host string) string {
	host = host[strings.LastIndexByte(host, '/')+1:]
	if inner, _, bracketed := strings.Cut(strings.TrimPrefix(host, "["), "]"); bracketed {
		host = inner
	} else if ip, _, port := strings.Cut(host, ":"); port && strings.Count(host, ":") == 1 {
		host = ip
	}
	if ip, err := netip.ParseAddr(host); err == nil {
		return ip.Unmap().WithZone("").String()
	}
	return host
}

// containsName reports whether a client id contains the pod's name as a whole: worker-1 is not in
// worker-10.
func containsName(text, name string) bool {
	for from := 0; ; {
		at := strings.Index(text[from:], name)
		if at < 0 {
			return false
		}
		at += from
		end := at + len(name)
		if (at == 0 || !inWord(text[at-1])) && (end == len(text) || !inWord(text[end])) {
			return true
		}
		from = at + 1
	}
}

// inWord reports whether a byte continues a name.
func inWord(b byte) bool {
	return b >= '0' && b <= '9' || b >= 'a' && b <= 'z' || b >= 'A' && b <= 'Z'
}
