package bulk

// JobName is the name of the lock with which replicas work one at a time.
const JobName = jobName
