package cache

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
)

// Made returns the directory of that name in the cache, made by fill when it is not there yet. Only a complete one gets the name, and only one
// process at a time fills it.
func Made(name string, fill func(dir string) error) (string, error) {
	base, err := Dir()
	if err != nil {
		return "", err
	}
	final := filepath.Join(base, name)
	unlock, err := lock(final + ".lock")
	if err != nil {
		return "", err
	}
	defer unlock()
	if _, err := os.Stat(final); err == nil {
		return final, nil
	} else if !errors.Is(err, fs.ErrNotExist) {
		return "", err
	}
	draft, err := os.MkdirTemp(base, name+".draft-*")
	if err != nil {
		return "", fmt.Errorf("filling the cache: %w", err)
	}
	defer os.RemoveAll(draft)
	if err := fill(draft); err != nil {
		return "", err
	}
	if err := os.Rename(draft, final); err != nil {
		return "", fmt.Errorf("filling the cache: %w", err)
	}
	return final, nil
}

// lock waits until no other process holds the file's lock.
func lock(path string) (unlock func(), err error) {
	file, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o644)
	if err != nil {
		return nil, fmt.Errorf("locking the cache: %w", err)
	}
	if err := syscall.Flock(int(file.Fd()), syscall.LOCK_EX); err != nil {
		file.Close()
		return nil, fmt.Errorf("locking the cache: %w", err)
	}
	return func() { file.Close() }, nil
}
