"""operator import: tickets, surveys and use from a service desk, a questionnaire and a SaaS console."""
