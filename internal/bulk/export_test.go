package bulk

// JobName is the name of the lock with which replicas work one at a time.
const JobName = jobName

// SetDraftLimits replaces the limits of the drafts that are stored: the number for each operator, and the bytes of one,
// of those of an operator and of all.
func (s *Service) SetDraftLimits(perOperator, bytesPerDraft, bytesPerOperator, bytesOfAllOperators int) {
	s.draftLimits = draftLimits{perOperator, bytesPerDraft, bytesPerOperator, bytesOfAllOperators}
}
