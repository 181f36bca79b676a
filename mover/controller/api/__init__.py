"""The custom resources as users see them: the spec they write, the status and conditions they read, and the CRDs."""
