package bulk

// JobName is the name of the job that replicas take turns in.
const JobName = jobName
