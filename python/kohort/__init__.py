"""kohort: cohort queries over national-scale health events, and a gate that lets nothing out that singles a person out."""
