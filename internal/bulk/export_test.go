package bulk

// WorkJob is the name of the job that replicas take turns in.
const WorkJob = workJob
