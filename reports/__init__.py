"""The claim: "I paid, here is the proof". Reports, their revisions, transfers, allocations, receipts and the shipping wish."""
