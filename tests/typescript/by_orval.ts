// A client by orval: signs in, writes a job, asks for it in each way, and prints all.
import {
  CommonStatus,
  backupJobsFind,
  connectToken,
  jobsGetByParameter,
  jobsRecord,
  publicAPIGetAllJobDetails,
} from "./orval.js";

declare const process: { argv: string[] };
const [, clientId, clientSecret] = process.argv.slice(2);

const signedIn = await connectToken({
  grant_type: "client_credentials",
  client_id: clientId,
  client_secret: clientSecret,
});
const token: string = signedIn.status === 200 ? signedIn.data.access_token : "";
// The generator names no media type where an operation takes several.
const options = { headers: { Authorization: `Bearer ${token}`, "Content-Type": "application/json" } };

const written = await jobsRecord(
  {
    jobId: "..",
    serviceType: "VM",
    jobType: "Backup",
    state: "Failed",
    startTime: "2024-08-22T16:00:48Z",
    finishTime: "2024-08-22T16:01:48Z",
    failedCount: 2,
  },
  options,
);
const first = await publicAPIGetAllJobDetails({ pagination: { pageSize: 5 }, jobType: 1 }, options);
const everything = await publicAPIGetAllJobDetails({}, options);
const second = await backupJobsFind(
  { state: ["Failed", "Exception"], serviceType: ["VM"], startTime: "2024-08-22" },
  options,
);
const one = await jobsGetByParameter({ jobId: ".." }, options);
const refused = await backupJobsFind({ pageSize: 10_001 }, options);

console.log(
  JSON.stringify({
    created: written.status === 200 ? written.data.created : null,
    first: first.status === 200 ? first.data.jobs.map((found) => [found.jobId, found.state]) : null,
    total: everything.status === 200 ? everything.data.totalCount : null,
    second:
      second.status === 200
        ? second.data.jobs
            .filter((found) => found.status === CommonStatus.Failed)
            .map((found) => [found.jobId, found.status, found.startTime])
        : null,
    one: one.status === 200 ? one.data.failedCount : null,
    refused: refused.status === 400 ? refused.data.errors.map((fault) => fault.field) : null,
  }),
);
