package main

import (
	"maps"
	"sync"

	"github.com/opencontainers/go-digest"
)

// labels is what a daemon keeps in its database: the local store has blobs only, and refuses Update without labels.
type labels struct {
	mu   sync.Mutex
	sets map[digest.Digest]map[string]string
}

func (l *labels) Get(d digest.Digest) (map[string]string, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return maps.Clone(l.sets[d]), nil
}

func (l *labels) Set(d digest.Digest, set map[string]string) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.sets == nil {
		l.sets = map[digest.Digest]map[string]string{}
	}
	l.sets[d] = maps.Clone(set)
	return nil
}

// Update changes single labels; an empty value removes one.
func (l *labels) Update(d digest.Digest, changes map[string]string) (map[string]string, error) {
	set, _ := l.Get(d)
	if set == nil {
		set = map[string]string{}
	}
	for key, value := range changes {
		if value == "" {
			delete(set, key)
		} else {
			set[key] = value
		}
	}
	return set, l.Set(d, set)
}
