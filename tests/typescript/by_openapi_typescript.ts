// A client by openapi-typescript and openapi-fetch: signs in, writes a job, asks for it in each way, and prints all.
import createClient from "openapi-fetch";
import type { components, paths } from "./types.js";

declare const process: { argv: string[] };
const [url, clientId, clientSecret] = process.argv.slice(2);

// A public route takes no token, and what a request may leave out may be left out.
const open = createClient<paths>({ baseUrl: url });
const signedIn = await open.POST("/connect/token", {
  body: { grant_type: "client_credentials", client_id: clientId, client_secret: clientSecret },
  headers: { "Content-Type": "application/x-www-form-urlencoded" },
});
const token: string = signedIn.data?.access_token ?? "";
const client = createClient<paths>({ baseUrl: url, headers: { Authorization: `Bearer ${token}` } });

const job: components["schemas"]["JobReport"] = {
  jobId: "..",
  serviceType: "VM",
  jobType: 1,
  state: "Failed",
  startTime: "2024-08-22T16:00:48Z",
  finishTime: "2024-08-22T16:01:48Z",
  failedCount: 2,
};
const written = await client.POST("/api/jobs", { body: job });
const first = await client.POST("/api/public/jobreport", { body: { pagination: { pageSize: 5 }, jobType: 1 } });
const everything = await client.POST("/api/public/jobreport", { body: {} });
const second = await client.GET("/backup/vm/jobs", {
  params: { query: { state: [16, "Exception"], serviceType: ["VM"], startTime: "2024-08-22" } },
});
const one = await client.GET("/api/jobs", { params: { query: { jobId: ".." } } });
const refused = await client.GET("/backup/vm/jobs", { params: { query: { pageSize: 10_001 } } });

console.log(
  JSON.stringify({
    created: written.data?.created,
    first: first.data?.jobs.map((found) => [found.jobId, found.state]),
    total: everything.data?.totalCount,
    second: second.data?.jobs.map((found) => [found.jobId, found.status, found.startTime]),
    one: one.data?.failedCount,
    refused: refused.error?.errors.map((fault) => fault.field),
  }),
);
