package bulk

import (
	"bytes"
	"compress/gzip"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"time"
)

// The limits of the files that wait for an operator to decide how they are read. Beyond them, the oldest one of the
// operator is deleted, and then the oldest one of all.
const (
	maxFileAge          = time.Hour
	maxFilesPerOperator = 2
	maxStoredFiles      = 50
)

// storeFile stores the content of a file and returns its id.
func (s *Service) storeFile(ctx context.Context, operatorID string, content []byte) (id string, err error) {
	var compressed bytes.Buffer
	out := gzip.NewWriter(&compressed)
	_, writeErr := out.Write(content)
	if err := errors.Join(writeErr, out.Close()); err != nil {
		return "", fmt.Errorf("compressing a file: %w", err)
	}
	id = s.Operations.NewID()
	err = s.DB.Write(ctx, func(tx *sql.Tx) error {
		insert := `INSERT INTO import_files (id, actor_id, created_at, content) VALUES ($1, $2, $3, $4)`
		at := s.Now().UnixMicro()
		if _, err := tx.ExecContext(ctx, insert, id, operatorID, at, compressed.Bytes()); err != nil {
			return fmt.Errorf("storing a file: %w", err)
		}
		const others = `id NOT IN (SELECT id FROM import_files `
		if _, err := tx.ExecContext(
			ctx,
			`DELETE FROM import_files WHERE actor_id = $1 AND `+others+
				`WHERE actor_id = $2 ORDER BY created_at DESC, id LIMIT $3)`,
			operatorID,
			operatorID,
			maxFilesPerOperator,
		); err != nil {
			return fmt.Errorf("deleting older files: %w", err)
		}
		if _, err := tx.ExecContext(
			ctx,
			`DELETE FROM import_files WHERE `+others+`ORDER BY created_at DESC, id LIMIT $1)`,
			maxStoredFiles,
		); err != nil {
			return fmt.Errorf("deleting older files: %w", err)
		}
		return nil
	})
	return id, err
}

// storedFile returns the content of a file that the operator uploaded. It returns a *FileProblem when there is none, or
// no longer one.
func (s *Service) storedFile(ctx context.Context, operatorID, id string) ([]byte, error) {
	var compressed []byte
	err := s.DB.SQL().QueryRowContext(
		ctx,
		`SELECT content FROM import_files WHERE id = $1 AND actor_id = $2`,
		id,
		operatorID,
	).Scan(&compressed)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, &FileProblem{Text: "The file is not stored any more. Choose it again."}
	}
	if err != nil {
		return nil, fmt.Errorf("reading a stored file: %w", err)
	}
	in, err := gzip.NewReader(bytes.NewReader(compressed))
	if err != nil {
		return nil, fmt.Errorf("decompressing a stored file: %w", err)
	}
	content, err := io.ReadAll(io.LimitReader(in, MaxFileBytes))
	if err != nil {
		return nil, fmt.Errorf("decompressing a stored file: %w", err)
	}
	return content, nil
}

// deleteFile deletes a stored file.
func (s *Service) deleteFile(ctx context.Context, id string) error {
	return s.deleteFiles(ctx, `id = $1`, id)
}

// deleteOldFiles deletes the files that no operator decided about in time.
func (s *Service) deleteOldFiles(ctx context.Context) error {
	before := s.Now().Add(-maxFileAge).UnixMicro()
	var old int
	err := s.DB.SQL().QueryRowContext(ctx, `SELECT COUNT(*) FROM import_files WHERE created_at < $1`, before).Scan(&old)
	if err != nil {
		return fmt.Errorf("reading stored files: %w", err)
	}
	if old == 0 {
		return nil
	}
	return s.deleteFiles(ctx, `created_at < $1`, before)
}

func (s *Service) deleteFiles(ctx context.Context, condition string, arg any) error {
	return s.DB.Write(ctx, func(tx *sql.Tx) error {
		if _, err := tx.ExecContext(ctx, `DELETE FROM import_files WHERE `+condition, arg); err != nil {
			return fmt.Errorf("deleting a stored file: %w", err)
		}
		return nil
	})
}
