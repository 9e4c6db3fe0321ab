#!/bin/sh
# On a node of the cluster, as root: a user and a token of it that may only look.
# Of the role PVEAuditor only Sys.Audit is needed: a smaller one is "pveum role add JobreportRead --privs Sys.Audit".
set -e
pveum user add jobreport@pve
pveum acl modify / --users jobreport@pve --roles PVEAuditor
pveum user token add jobreport@pve report --privsep 1
pveum acl modify / --tokens 'jobreport@pve!report' --roles PVEAuditor
