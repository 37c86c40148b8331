"""Announcing itself.

Announcing is a function of the database, so that the one statement serves a single order, ten thousand settled tickets, and
the history of customers' data, which lies below this room and cannot call it.
"""

from django.db import migrations

ANNOUNCE = """
CREATE FUNCTION concilia_announce(house bigint, news text, told jsonb) RETURNS SETOF bigint LANGUAGE plpgsql
-- Keys are checked row by row by plans that are made once: one made while the tables were empty would read all of them each time.
SET enable_seqscan = off AS $$
-- Write the news (`about`, `occasion`, `payload` of each) for the endpoints of this merchant that listen for this kind; whose
-- deliveries wait now. Nothing when nobody listens. What was announced before is left as it is.
BEGIN
    IF NOT EXISTS (SELECT 1 FROM webhooks_endpoint e WHERE e.merchant_id = house AND e.is_active AND news = ANY (e.kinds)) THEN
        RETURN;
    END IF;
    RETURN QUERY
    WITH made AS (
        INSERT INTO webhooks_announcement (merchant_id, key, kind, about, occasion, payload, at)
        SELECT house, gen_random_uuid(), news, d.about, d.occasion, d.payload, now()
          FROM ROWS FROM (jsonb_to_recordset(told) AS (about text, occasion text, payload jsonb))
               WITH ORDINALITY d(about, occasion, payload, place)
         ORDER BY d.place ON CONFLICT DO NOTHING RETURNING id
    ), queued AS (
        INSERT INTO webhooks_delivery (merchant_id, announcement_id, endpoint_id, state, tries, due_at, created_at)
        SELECT house, made.id, e.id, 'queued', 0, now(), now()
          FROM made CROSS JOIN webhooks_endpoint e
         WHERE e.merchant_id = house AND e.is_active AND news = ANY (e.kinds)
         ORDER BY made.id, e.id RETURNING endpoint_id
    )
    SELECT DISTINCT endpoint_id FROM queued;
END $$;
"""

# The rows of one statement tell of one act: each customer among them is told of once, with the names of what changed.
TELL_DATA_CHANGES = """
CREATE FUNCTION concilia_announce_data_changes() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM concilia_announce(d.merchant_id, 'customer.updated', jsonb_agg(d.told ORDER BY d.first))
       FROM (SELECT c.merchant_id, min(c.id) AS first, jsonb_build_object(
                        'about', 'customer:' || c.customer_id, 'occasion', 'change:' || min(c.id),
                        'payload', jsonb_build_object('customer', k.number, 'fields', jsonb_agg(DISTINCT c.field))) AS told
               FROM added c JOIN accounts_customer k ON k.id = c.customer_id
              GROUP BY c.merchant_id, c.customer_id, k.number) d
      GROUP BY d.merchant_id;
    RETURN NULL;
END $$;
CREATE TRIGGER announce_data_changes AFTER INSERT ON accounts_datachange
    REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION concilia_announce_data_changes();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("webhooks", "0001_initial"),
        ("accounts", "0003_people"),
    ]

    operations = [
        migrations.RunSQL(ANNOUNCE, "DROP FUNCTION concilia_announce(bigint, text, jsonb);"),
        migrations.RunSQL(
            TELL_DATA_CHANGES,
            "DROP TRIGGER announce_data_changes ON accounts_datachange; DROP FUNCTION concilia_announce_data_changes();",
        ),
    ]
