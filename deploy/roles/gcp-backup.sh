#!/bin/sh
# A role that reads the jobs of one project and no more, and a service account that has it.
# Run it with gcloud, as somebody who may make roles: PROJECT=backups-prod sh gcp-backup.sh
set -eu
gcloud iam roles create jobreportReader --project="$PROJECT" --title="Jobreport" \
  --permissions=logging.logEntries.list,logging.logs.list,cloudsql.backupRuns.list
gcloud iam service-accounts create jobreport-reader --project="$PROJECT"
gcloud projects add-iam-policy-binding "$PROJECT" --condition=None \
  --member="serviceAccount:jobreport-reader@$PROJECT.iam.gserviceaccount.com" \
  --role="projects/$PROJECT/roles/jobreportReader"
